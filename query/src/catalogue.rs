//! Which tables there are, with their schemas, their comments and where their rows come from: the namespaces raw, record, entity, graph,
//! contract, indicator and audit at one epoch. What is not in it cannot be asked for. Who may see what is not decided here.

use crate::{
    Error, Indicators, Lake, Measure, chart, comment, functions,
    guard::Question,
    indexes::Indexes,
    indicator,
    kept::{Headings, Kept},
    limit::Footers,
    linkage::{self, Linkage},
    protected::{Minors, Restricted},
    quality, rights,
    shape::{self, Shape},
    use_log::Items,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::{catalog::TableProvider, logical_expr::ScalarUDF};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;
use wuwei_graph::csr::Graph;
use wuwei_schema::{EntityType, Model, RelationType, contract, history, learned, table};
use wuwei_search::Names;

/// By full name, e.g. `record.person`.
pub(crate) type Tables = BTreeMap<String, Table>;

/// A table that may be asked for.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) schema: SchemaRef,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) source: Source,
}

impl Table {
    /// Its SQL, where it is a view.
    fn view(&self) -> Option<&str> {
        if let Source::View { sql, .. } = &self.source { Some(sql) } else { None }
    }
}

/// Where its rows come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A table of the lake, or of comments.
    Provider(Arc<dyn TableProvider>),
    /// One SELECT over other tables and `p(asof, win_days)`, from the file of that name.
    View {
        name: String,
        sql: String,
    },
    /// What the tables that somebody sees mean, and their columns.
    TableComments,
    ColumnComments,
    /// What functions of SQL there are.
    Functions,
    /// The file of uses, as it stands when it is asked for.
    UseLog,
    /// The audit, as it stands when it is asked for.
    Audit,
}

/// The tables of one epoch of a lake.
#[derive(Debug)]
pub struct Catalogue {
    pub(crate) tables: Tables,
    /// Of each table what policies have to know of it.
    pub(crate) shapes: BTreeMap<String, Shape>,
    /// The departments that files define.
    pub(crate) departments: BTreeSet<String>,
    /// The entity types.
    pub(crate) types: BTreeSet<String>,
    /// The relations, with the types of their ends.
    pub(crate) relations: BTreeMap<String, BTreeSet<String>>,
    model: Model,
    /// Restricted persons, and those under 14 on a day: read when first needed.
    pub(crate) restricted: OnceCell<Arc<Restricted>>,
    pub(crate) minors: Mutex<Option<(String, Arc<Minors>)>>,
    pub(crate) indicators: Indicators,
    /// Of indicators that cannot be computed here, the table that there is not.
    pub(crate) missing: BTreeMap<String, String>,
    pub(crate) items: OnceCell<Items>,
    /// The types whose records are compared, by name, and what was learned of them.
    pub(crate) compared: Arc<BTreeMap<String, EntityType>>,
    pub(crate) linkage: OnceCell<Arc<Linkage>>,
    /// The graph of its edges; where there is no file of it, it is made when first needed.
    pub(crate) graph: OnceCell<Graph>,
    pub(crate) footers: Footers,
    /// What one registration costs, in yuan.
    pub(crate) duplicate_yuan: f64,
    /// Extracts of which each delivery is the whole stock.
    pub(crate) whole: BTreeSet<String>,
    /// What of it those who asked last may see.
    pub(crate) rights: rights::Kept,
    /// The indexes by which things are found.
    pub(crate) indexes: Option<Indexes>,
    /// Functions over values.
    pub(crate) functions: Vec<Arc<ScalarUDF>>,
}

impl Catalogue {
    /// The tables of a lake at its epoch: those of the model, the extracts of `raw` with their schemas, and the indicators. A schema may
    /// carry the extract's label as metadata `comment_zh` and `comment_en`, and as `stands_by` the column of record numbers by which its rows
    /// stand: then those that stand no more are not shown.
    ///
    /// # Errors
    /// The lake refuses a table.
    pub fn new(lake: &Lake, model: &Model, raw: Vec<(String, SchemaRef)>, indicators: Indicators) -> Result<Catalogue, Error> {
        let columns = |schema: &SchemaRef| schema.fields().iter().map(|field| field.name().clone()).collect();
        let headings: Headings = raw.iter().map(|(extract, schema)| (extract.clone(), columns(schema))).collect();
        let provide = |name: &str, schema: SchemaRef| match number_of(name).or(schema.metadata().get(STANDS_BY).map(String::as_str)) {
            Some(column) => lake.standing(name, Arc::clone(&schema), column),
            None => lake.provider(name, Arc::clone(&schema)),
        };
        let provide = |name: &str, schema| {
            let provider = provide(name, schema)?;
            let is_told = name == table::REJECT;
            Ok(if is_told { Arc::new(Kept::new(provider, headings.clone())) } else { provider })
        };
        let catalogue = Catalogue::over(provide, model, raw, indicators)?;
        // Nobody was ever restricted: nothing need be read to know it.
        let restricted = match lake.tables().any(|name| name == contract::RESTRICTED) {
            true => OnceCell::new(),
            false => OnceCell::new_with(Some(Arc::default())),
        };
        Ok(Catalogue { restricted, ..catalogue })
    }

    /// The tables of records with those that stand no more, for the stage that carries over what they were. Nothing else is in it.
    ///
    /// # Errors
    /// The lake refuses a table.
    pub fn of_all_records(lake: &Lake, model: &Model) -> Result<Catalogue, Error> {
        let mut tables = Tables::new();
        for entity in model.entities.values() {
            let (name, schema) = (format!("record.{}", entity.name), entity.record_schema());
            let source = Source::Provider(lake.provider(&name, Arc::clone(&schema))?);
            tables.insert(name, Table { schema, zh: entity.label.zh.clone(), en: entity.label.en.clone(), source });
        }
        Ok(Catalogue::of(tables, Indicators::none(), model, BTreeSet::new()))
    }

    /// The same where one registration costs so many yuan.
    #[must_use]
    pub fn costing(self, duplicate_yuan: f64) -> Catalogue {
        Catalogue { duplicate_yuan, ..self }
    }

    /// The same where each delivery of these extracts is the whole stock.
    #[must_use]
    pub fn delivered_whole(self, whole: BTreeSet<String>) -> Catalogue {
        Catalogue { whole, ..self }
    }

    /// The same where things are found by an index: the folder that has one of each type that can be found, and what these are called.
    #[must_use]
    pub fn indexed(self, index: PathBuf, names: Names) -> Catalogue {
        Catalogue { indexes: Some(Indexes::new(index, names)), ..self }
    }

    /// The same with the graph of its edges, as its file has it.
    #[must_use]
    pub fn tied(self, graph: Option<Graph>) -> Catalogue {
        Catalogue { graph: OnceCell::new_with(graph), ..self }
    }

    /// The same over whatever provides the rows.
    pub(crate) fn over(
        provide: impl Fn(&str, SchemaRef) -> Result<Arc<dyn TableProvider>, Error>,
        model: &Model,
        raw: Vec<(String, SchemaRef)>,
        indicators: Indicators,
    ) -> Result<Catalogue, Error> {
        let mut tables = Tables::new();
        let departments = raw.iter().filter_map(|(_, schema)| schema.metadata().get(shape::DEPARTMENT)).cloned().collect();
        for stored in stored(model, raw) {
            let source = Source::Provider(provide(&stored.name, Arc::clone(&stored.schema))?);
            tables.insert(stored.name, Table { schema: stored.schema, zh: stored.zh, en: stored.en, source });
        }
        let uses =
            Table { schema: contract::use_log(), zh: "使用记录".to_owned(), en: "Data items read".to_owned(), source: Source::UseLog };
        tables.insert("contract.use_log".to_owned(), uses);
        let (zh, en) = ("审计记录".to_owned(), "Who looked at what, when and what for".to_owned());
        tables.insert("audit.entry".to_owned(), Table { schema: contract::audit_entry(), zh, en, source: Source::Audit });
        let has = |(table, column): (&str, &str)| tables.get(table).is_some_and(|table| table.schema.index_of(column).is_ok());
        let tied: Vec<_> = views().into_iter().filter(|(_, _, stands_on)| has(*stands_on)).collect();
        tables.extend(tied.into_iter().map(|(name, table, _)| (name.to_owned(), table)));
        tables.insert(history::MEMBER.to_owned(), member());
        let missing: BTreeMap<String, String> =
            indicators.list.iter().filter_map(|one| Some((one.name.clone(), lacks(&one.sql, &tables)?))).collect();
        for indicator in indicators.list.iter().filter(|indicator| !missing.contains_key(&indicator.name)) {
            let (zh, en) = (indicator.label.zh.clone(), indicator.label.en.clone());
            let source = Source::View { name: indicator.name.clone(), sql: indicator.sql.clone() };
            tables.insert(format!("indicator.{}", indicator.name), Table { schema: figure_schema(), zh, en, source });
        }
        let compared: BTreeMap<String, EntityType> =
            model.entities.iter().filter(|(_, entity)| entity.is_compared()).map(|(name, entity)| (name.clone(), entity.clone())).collect();
        tables.extend(chart::views(compared.values()));
        tables.extend(comment::tables());
        tables.extend([functions::table()]);
        tables.extend(quality::views(model));
        let shapes = tables.iter().map(|(name, table)| (name.clone(), Shape::of(name, &table.schema, model))).collect();
        Ok(Catalogue { shapes, missing, compared: Arc::new(compared), ..Catalogue::of(tables, indicators, model, departments) })
    }

    fn of(tables: Tables, indicators: Indicators, model: &Model, departments: BTreeSet<String>) -> Catalogue {
        let ends = |relation: &RelationType| relation.source.iter().chain(&relation.target).cloned().collect();
        Catalogue {
            tables,
            shapes: BTreeMap::new(),
            departments,
            types: model.entities.keys().cloned().collect(),
            relations: model.relations.iter().map(|(name, relation)| (name.clone(), ends(relation))).collect(),
            model: model.clone(),
            restricted: OnceCell::new(),
            minors: Mutex::new(None),
            indicators,
            missing: BTreeMap::new(),
            items: OnceCell::new(),
            compared: Arc::default(),
            linkage: OnceCell::new(),
            graph: OnceCell::new(),
            footers: Footers::default(),
            duplicate_yuan: quality::DUPLICATE_YUAN,
            whole: BTreeSet::new(),
            rights: rights::Kept::default(),
            indexes: None,
            functions: functions::functions(&Arc::new(model.codes.clone())),
        }
    }

    /// Whether a question calls a function of record linkage, itself or by a view that it reads, or by one that this reads.
    pub(crate) fn links(&self, question: &Question) -> bool {
        let calls = |table: &Table| table.view().is_some_and(linkage::is_called);
        let reads = |sql: &str| self.tables.iter().any(|(name, table)| calls(table) && sql.contains(name));
        let links = |table: &Table| calls(table) || table.view().is_some_and(reads);
        question.links || question.tables.iter().filter_map(|name| self.tables.get(name)).any(links)
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// What the value of an indicator is of its numerator and denominator.
    pub(crate) fn measure(&self, indicator: &str) -> Measure {
        self.indicators.list.iter().find(|one| one.name == indicator).map_or(Measure::Rate, |one| one.measure)
    }

    /// The table of that name.
    pub(crate) fn table(&self, name: &str) -> Result<&Table, Error> {
        self.tables.get(name).ok_or_else(|| Error::unknown("table", name, self.tables.keys().map(String::as_str)))
    }
}

/// Under which name a schema says of its table by which column its rows stand.
const STANDS_BY: &str = "stands_by";

/// The column of the record by which a row of the table may have been retired.
fn number_of(table: &str) -> Option<&'static str> {
    match table {
        table::RETIRED => None,
        table::RELATION => Some("source"),
        _ if table.starts_with("record.") => Some("record_id"),
        _ => None,
    }
}

/// A table that the lake keeps.
struct Stored {
    name: String,
    schema: SchemaRef,
    zh: String,
    en: String,
}

fn stored(model: &Model, raw: Vec<(String, SchemaRef)>) -> Vec<Stored> {
    let stored = |name: &str, schema, zh: &str, en: &str| Stored { name: name.to_owned(), schema, zh: zh.to_owned(), en: en.to_owned() };
    let mut all = vec![
        stored(table::REJECT, table::reject_schema(), "拒收记录", "What was refused, where and why"),
        stored(table::RETIRED, table::retired_schema(), "失效记录", "Records that stand no more, and why"),
        stored(table::RELATION, table::relation_schema(), "记录间关系", "Relations between records"),
        stored(table::LINK, table::link_schema(), "记录与实体对应", "Which entity a record belongs to"),
        stored(table::PAIR, table::pair_schema(), "比对记录对", "Pairs of records that were compared and kept"),
        stored(table::EDGE, table::edge_schema(), "实体间关系", "Relations between entities"),
        stored(
            table::REGISTRATION,
            table::registration_schema(),
            "部门登记",
            "What departments registered of somebody, and who held it already",
        ),
        stored(history::FORMER, history::former_schema(), "已结束的归属", "Memberships of records in entities that have ended"),
        stored(history::LINEAGE, history::lineage_schema(), "实体沿革", "What became of entities: born, merged, split, restored, retired"),
        stored(history::REDIRECT, history::redirect_schema(), "实体号转向", "Numbers of entities that lead to others"),
        stored(history::SUCCESSOR, history::successor_schema(), "记录接替", "Records that took the place of others"),
        stored(history::RUN, history::run_schema(), "归并批次", "Resolutions that were published"),
        stored(history::DECISION, history::decision_schema(), "人工判定", "What people decided of pairs of records"),
        stored(history::SKIPPED, history::skipped_schema(), "暂缓复核", "Pairs of records that a reviewer put off"),
    ];
    for entity in model.entities.values() {
        let (zh, en) = (&entity.label.zh, &entity.label.en);
        all.push(stored(&format!("record.{}", entity.name), entity.record_schema(), &format!("{zh}：来源记录"), &format!("{en}: records")));
        all.push(stored(&format!("entity.{}", entity.name), entity.entity_schema(), zh, en));
    }
    for (extract, schema) in raw {
        let said = |key: &str| schema.metadata().get(key).unwrap_or(&extract).clone();
        let (zh, en) = (said("comment_zh"), said("comment_en"));
        all.push(Stored { name: format!("raw.{extract}"), schema, zh, en });
    }
    for (name, schema) in contract::tables() {
        let (zh, en) = comment::owed(name);
        all.push(stored(name, schema, zh, en));
    }
    for (name, schema) in learned::tables() {
        let (zh, en) = comment::taught(name);
        all.push(stored(name, schema, zh, en));
    }
    all
}

/// The views of what departments owe each other, each with a table and column of a model without which it is not.
fn views() -> [(&'static str, Table, (&'static str, &'static str)); 5] {
    let view = |schema, zh: &str, en: &str, name: &str, sql: &str| {
        let source = Source::View { name: name.to_owned(), sql: sql.to_owned() };
        Table { schema, zh: zh.to_owned(), en: en.to_owned(), source }
    };
    let state = view(
        contract::resource_state(),
        "数据资源共享状态",
        "How far each data resource is from a title to something that others can use",
        "resource_state",
        include_str!("../views/resource_state.sql"),
    );
    let area = view(contract::area(), "乡镇（街道）", "Townships", "area", include_str!("../views/area.sql"));
    let reported = view(
        contract::reported_figure(),
        "填报指标最新值",
        "What the latest period of each reported figure says",
        "reported_figure",
        include_str!("../views/reported_figure.sql"),
    );
    let handled = view(
        contract::handled_incident(),
        "事件处置时长",
        "How long closed incidents took, before the pilot and in the last year",
        "handled_incident",
        include_str!("../views/handled_incident.sql"),
    );
    let star =
        view(contract::star(), "乡镇（街道）星级", "Stars of townships, as they were last kept", "star", include_str!("../views/star.sql"));
    [
        ("contract.resource_state", state, ("contract.resource", "rid")),
        ("contract.area", area, ("entity.grid", "township")),
        ("contract.reported_figure", reported, ("record.indicator_report", "sample_size")),
        ("contract.handled_incident", handled, ("entity.incident", "closed_on")),
        ("indicator.star", star, (contract::RATING, "area")),
    ]
}

/// The first table of records or entities that SQL names and that there is not: of a model without the type.
fn lacks(sql: &str, tables: &Tables) -> Option<String> {
    let code = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    let words = code.flat_map(|line| line.split(|sign: char| !(sign.is_ascii_alphanumeric() || "._".contains(sign))));
    let of_model = |word: &&str| ["record.", "entity.", "contract."].iter().any(|namespace| word.starts_with(namespace));
    words.filter(of_model).find(|word| !tables.contains_key(*word)).map(str::to_owned)
}

/// Memberships of all times.
fn member() -> Table {
    let source = Source::View { name: "member".to_owned(), sql: include_str!("../views/member.sql").to_owned() };
    let (zh, en) = ("记录归属历史".to_owned(), "Which entity each record belonged to, and when".to_owned());
    Table { schema: history::member_schema(), zh, en, source }
}

/// What an indicator returns, for the comments; the numbers' types are its own.
fn figure_schema() -> SchemaRef {
    let [department, area, counterpart, numerator, denominator, value] = indicator::COLUMNS;
    let field = |name, kind, zh, en| table::comment(Field::new(name, kind, true), zh, en);
    Arc::new(Schema::new(vec![
        field(department, DataType::Utf8, "部门", "Department; empty for all together"),
        field(area, DataType::Utf8, "地区", "Township, by its nine digits; empty for all together"),
        field(counterpart, DataType::Utf8, "对方部门", "The other department, where the indicator is of pairs"),
        field(numerator, DataType::Float64, "分子", "What is reached"),
        field(denominator, DataType::Float64, "分母", "Out of what"),
        field(value, DataType::Float64, "值", "Value; empty when the denominator is 0"),
    ]))
}
