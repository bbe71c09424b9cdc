//! The steps of record linkage as functions of SQL, so that the plan of tier 1 can run wherever SQL does: features, keys, pattern, weight. What
//! they compute is graph's; here is how SQL calls them. The first argument is the entity type as a literal; what was learned of it is that of the
//! session's epoch.

use crate::{Error, functions::Documented};
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

/// Whether a view's SQL calls one of them; a column may have a name in which theirs begins.
pub(crate) fn is_called(sql: &str) -> bool {
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    sql.match_indices(PREFIX).any(|(at, _)| !sql[..at].ends_with(is_of_name))
}

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

    /// The types of which something was learned that fits the comparisons they name now, each with it.
    pub(crate) fn weighed(&self) -> impl Iterator<Item = (&EntityType, &MatchModel)> {
        let learned = self.types.values().filter_map(|entity| Some((entity, self.models.get(&entity.name)?)));
        learned.filter(|(entity, model)| functions::fits(entity, model))
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

    /// What it takes, what it gives, what it says in both languages, and a question that calls it.
    fn said(self) -> [&'static str; 5] {
        match self {
            Step::Features => [
                "entity text, record struct",
                "struct of texts",
                "记录中用于比对的特征：第一参数为实体类型（字面量），第二参数为以属性名为字段的结构",
                "What is compared of a record: the entity type as a literal, a struct with a field a property",
                "SELECT er_features('person', f.features) FROM graph.person_features f LIMIT 1",
            ],
            Step::Keys => [
                "entity text, features struct",
                "list of bigint",
                "特征的分块键，按模型中的次序，缺项为空",
                "The blocking keys of features in the model's order, NULL where a part is missing",
                "SELECT er_keys('person', f.features) FROM graph.person_features f LIMIT 1",
            ],
            Step::FirstKey => [
                "left list, right list",
                "bigint",
                "两组分块键中第一个相同的键，只按它比对一次；没有则为空",
                "The first key that two lists have in common, under which alone a pair is compared; NULL where there is none",
                "SELECT er_first_key(l.keys, r.keys) FROM graph.person_features l, graph.person_features r LIMIT 1",
            ],
            Step::Pattern => [
                "entity text, left struct, right struct",
                "bigint",
                "两条记录特征的比较等级，每项比较占三位",
                "The levels of all comparisons of two records' features, three bits each",
                "SELECT er_pattern('person', l.features, r.features) FROM graph.person_features l, graph.person_features r LIMIT 1",
            ],
            Step::Weight => [
                "entity text, pattern bigint, left struct, right struct",
                "double",
                "两条记录的匹配权重（比特），含先验和取值稀有度",
                "The match weight of two records in bits, prior and rarity of values included",
                "SELECT er_weight('person', er_pattern('person', l.features, r.features), l.features, r.features) FROM graph.person_features l, graph.person_features r LIMIT 1",
            ],
            Step::Refuses => [
                "entity text, left struct, right struct",
                "boolean",
                "不论权重，守卫是否拒绝把两条记录归一",
                "Whether the guard refuses to join two records, whatever they weigh",
                "SELECT er_refuses('person', l.features, r.features) FROM graph.person_features l, graph.person_features r LIMIT 1",
            ],
            Step::Terms => [
                "entity text, left struct, right struct",
                "list of struct(place, property, level, exact, bits, rarity, sum)",
                "两条记录特征的匹配权重逐项相加的各项",
                "What adds up to the weight of two records' features, term by term",
                "SELECT er_terms('person', l.features, r.features) FROM graph.person_features l, graph.person_features r LIMIT 1",
            ],
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

/// What the functions say of themselves.
pub(crate) fn documented() -> impl Iterator<Item = Documented> {
    Step::ALL.into_iter().map(|step| {
        let [arguments, returns, zh, en, example] = step.said();
        let (arguments, returns) = (arguments.to_owned(), returns.to_owned());
        Documented { name: step.name(), arguments, returns, zh, en, example, shows: None }
    })
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
