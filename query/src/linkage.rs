//! The steps of record linkage as functions of SQL, so that the plan of tier 1 can run wherever SQL does: features, keys, pattern, weight. What
//! they compute is graph's; here is how SQL calls them. The first argument is the entity type as a literal; what was learned of it is that of the
//! session's epoch.

use crate::Error;
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StructArray, UInt64Array, cast::AsArray as _, new_null_array};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::{
    common::{DataFusionError, Result, ScalarValue},
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
};
use std::{
    collections::BTreeMap,
    hash::{Hash, Hasher},
    sync::Arc,
};
use wuwei_graph::{MatchModel, functions};
use wuwei_schema::EntityType;

/// What the names of these functions begin with.
pub(crate) const PREFIX: &str = "er_";

/// The types that are matched, and what was learned of them.
#[derive(Debug)]
pub(crate) struct Linkage {
    types: Arc<BTreeMap<String, EntityType>>,
    models: BTreeMap<String, MatchModel>,
}

impl Linkage {
    /// From batches of `graph.model`, `graph.model_level` and `graph.frequency`.
    pub(crate) fn read(
        types: Arc<BTreeMap<String, EntityType>>,
        [model, level, frequency]: [Vec<RecordBatch>; 3],
    ) -> Result<Linkage, Error> {
        let [model, level, frequency] = [model, level, frequency].map(|batches| batches.into_iter().map(Ok));
        let models = MatchModel::read(model, level, frequency).map_err(|_| Error::Engine { detail: "what was learned cannot be read" })?;
        Ok(Linkage { types, models })
    }

    /// The functions.
    pub(crate) fn functions(self: &Arc<Self>) -> impl Iterator<Item = Arc<ScalarUDF>> {
        let function = |step| Arc::new(ScalarUDF::from(Function { step, signature: signature(step), linkage: Arc::clone(self) }));
        Step::ALL.into_iter().map(function)
    }

    /// A type by its literal, and what was learned of it.
    fn learned(&self, entity: Option<&str>) -> Result<(&EntityType, Option<&MatchModel>)> {
        let plan = |detail: &str| DataFusionError::Plan(detail.to_owned());
        let name = entity.ok_or_else(|| plan("the first argument is the entity type as a literal"))?;
        let entity = self.types.get(name).ok_or_else(|| plan("there is no entity type of that name whose records are compared"))?;
        Ok((entity, self.models.get(name)))
    }
}

/// A step of linkage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Features,
    Keys,
    FirstKey,
    Pattern,
    Weight,
    Refuses,
    Terms,
}

impl Step {
    const ALL: [Step; 7] = [Step::Features, Step::Keys, Step::FirstKey, Step::Pattern, Step::Weight, Step::Refuses, Step::Terms];

    fn name(self) -> &'static str {
        match self {
            Step::Features => "er_features",
            Step::Keys => "er_keys",
            Step::FirstKey => "er_first_key",
            Step::Pattern => "er_pattern",
            Step::Weight => "er_weight",
            Step::Refuses => "er_refuses",
            Step::Terms => "er_terms",
        }
    }

    fn arguments(self) -> usize {
        match self {
            Step::Features | Step::Keys | Step::FirstKey => 2,
            Step::Pattern | Step::Refuses | Step::Terms => 3,
            Step::Weight => 4,
        }
    }
}

fn signature(step: Step) -> Signature {
    // It depends on the epoch, which does not change during a question.
    Signature::any(step.arguments(), Volatility::Stable)
}

/// A function of SQL.
#[derive(Debug)]
struct Function {
    step: Step,
    signature: Signature,
    linkage: Arc<Linkage>,
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.step == other.step && Arc::ptr_eq(&self.linkage, &other.linkage)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.step.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.step.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Err(DataFusionError::Internal("its type depends on its first argument".to_owned()))
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let list = |kind| DataType::List(Arc::new(Field::new_list_field(kind, true)));
        let name = arguments.scalar_arguments.first().copied().flatten().and_then(text);
        let kind = match self.step {
            Step::FirstKey => DataType::UInt64,
            step => {
                let (entity, model) = self.linkage.learned(name)?;
                if model.is_some_and(|model| !functions::fits(entity, model)) {
                    return Err(DataFusionError::Plan("what was learned is of other comparisons than the model names now".to_owned()));
                }
                match step {
                    Step::Features => DataType::Struct(functions::feature_fields(entity)),
                    Step::Keys => list(DataType::UInt64),
                    Step::Weight => DataType::Float64,
                    Step::Refuses => DataType::Boolean,
                    Step::Terms => list(DataType::Struct(functions::term_fields())),
                    Step::Pattern | Step::FirstKey => DataType::UInt64,
                }
            }
        };
        Ok(Arc::new(Field::new(self.step.name(), kind, true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let name = arguments.args.first().and_then(|first| if let ColumnarValue::Scalar(value) = first { text(value) } else { None });
        let arrays = arguments.args.iter().map(|argument| argument.to_array(arguments.number_rows)).collect::<Result<Vec<ArrayRef>>>()?;
        if self.step == Step::FirstKey {
            return Ok(ColumnarValue::Array(array(functions::first_key(listed(&arrays[0])?, listed(&arrays[1])?))));
        }
        let (entity, model) = self.linkage.learned(name)?;
        computed(self.step, entity, model, &arrays, arguments.return_field.data_type()).map(ColumnarValue::Array)
    }
}

/// What a step makes of its arguments; where nothing was learned, nobody knows the weight.
fn computed(step: Step, entity: &EntityType, model: Option<&MatchModel>, arguments: &[ArrayRef], kind: &DataType) -> Result<ArrayRef> {
    let last = |back: usize| features(&arguments[arguments.len() - back]);
    let found = match (step, model) {
        (Step::Features, model) => functions::features(entity, model, last(1)?).map(array),
        (Step::Keys, _) => functions::keys(entity, last(1)?).map(array),
        (Step::Pattern, _) => functions::pattern(entity, last(2)?, last(1)?).map(array),
        (Step::Refuses, _) => functions::refuses(entity, last(2)?, last(1)?).map(array),
        (Step::Weight, Some(model)) => functions::weight(entity, model, patterns(&arguments[1])?, last(2)?, last(1)?).map(array),
        (Step::Terms, Some(model)) => functions::terms(entity, model, last(2)?, last(1)?).map(array),
        (Step::Weight | Step::Terms, None) => Ok(new_null_array(kind, arguments[0].len())),
        (Step::FirstKey, _) => return Err(DataFusionError::Internal("keys have no entity type".to_owned())),
    };
    // None of its words holds a value.
    found.map_err(|error| DataFusionError::Plan(error.to_string()))
}

fn array<A: Array + 'static>(found: A) -> ArrayRef {
    Arc::new(found)
}

fn patterns(array: &ArrayRef) -> Result<&UInt64Array> {
    array.as_primitive_opt().ok_or_else(|| DataFusionError::Plan("the pattern is er_pattern's".to_owned()))
}

fn features(array: &ArrayRef) -> Result<&StructArray> {
    array.as_struct_opt().ok_or_else(|| DataFusionError::Plan("features are what er_features gives".to_owned()))
}

fn listed(array: &ArrayRef) -> Result<&ListArray> {
    array.as_list_opt().ok_or_else(|| DataFusionError::Plan("keys are what er_keys gives".to_owned()))
}

fn text(value: &ScalarValue) -> Option<&str> {
    value.try_as_str().flatten()
}
