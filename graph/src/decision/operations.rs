//! A thousand things that happen to a hub, one after the other, drawn at random: deliveries, withdrawals, rows come anew, judgements of every
//! kind by three people, confirmations and revocations. After each refresh whatever this room makes of it must agree, and every number that
//! was ever given must lead to one entity or be retired.

use super::{
    Verdict,
    ledger::{Ledger, Signed, Unchanged},
};
use crate::{
    Belonging, Stated,
    batch::{Texts, integers},
    county::{Dice, batch, county, person, relations},
    entity_file,
    file::Gathered,
    identity::{self, Former, Identity, Member, Partition, Reason, Successors},
    link, resolve,
};
use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::{EntityType, Model, table};

const PEOPLE: [&str; 3] = ["li", "wang", "zhao"];

type Cells = BTreeMap<String, String>;

/// A hub, as far as this room knows one.
struct Hub {
    entity: EntityType,
    dice: Dice,
    /// Rows that were not delivered yet.
    coming: Vec<Cells>,
    standing: BTreeMap<i64, Cells>,
    next: i64,
    successors: Vec<(i64, i64)>,
    ledger: Ledger,
    counted: identity::Ledger,
    members: Vec<Member>,
    former: Vec<Former>,
    born: BTreeSet<i64>,
    retired: BTreeSet<i64>,
    done: BTreeMap<&'static str, usize>,
}

impl Hub {
    fn new(seed: u64) -> Hub {
        let coming = county(24, seed).into_iter().map(|(_, cells, _)| cells).collect();
        let counted = identity::Ledger { run: 0, next: 1, redirects: BTreeMap::new() };
        let mut hub = Hub {
            entity: person(),
            dice: Dice(seed),
            coming,
            standing: BTreeMap::new(),
            next: 1,
            successors: Vec::new(),
            ledger: Ledger::default(),
            counted,
            members: Vec::new(),
            former: Vec::new(),
            born: BTreeSet::new(),
            retired: BTreeSet::new(),
            done: BTreeMap::new(),
        };
        (0..60).for_each(|_| hub.deliver());
        hub.refresh();
        hub
    }

    fn deliver(&mut self) {
        if let Some(cells) = self.coming.pop() {
            self.standing.insert(self.next, cells);
            self.next += 1;
        }
    }

    fn record(&mut self) -> i64 {
        let at = self.dice.below(self.standing.len());
        *self.standing.keys().nth(at).unwrap()
    }

    fn of(&self, record: i64) -> BTreeSet<i64> {
        let entity = self.members.iter().find(|member| member.record == record).map(|member| member.entity);
        let of = self.members.iter().filter(|member| Some(member.entity) == entity).map(|member| member.record);
        of.filter(|record| self.standing.contains_key(record)).chain([record]).collect()
    }

    fn ids(&self, records: &BTreeSet<i64>) -> BTreeSet<&String> {
        records.iter().filter_map(|record| self.standing.get(record)?.get("id_no")).collect()
    }

    fn signed(&mut self) -> Signed {
        Signed { who: PEOPLE[self.dice.below(3)].to_owned(), at_ms: 0, ground: "卷宗".to_owned() }
    }

    /// One thing happens.
    fn happens(&mut self) {
        let what = match self.dice.below(20) {
            0..4 => {
                self.deliver();
                "delivery"
            }
            4 => {
                let gone = self.record();
                self.standing.remove(&gone);
                "withdrawal"
            }
            5..7 => {
                let former = self.record();
                let cells = self.standing.remove(&former).unwrap();
                self.standing.insert(self.next, cells);
                self.successors.push((former, self.next));
                self.next += 1;
                "row come anew"
            }
            7..10 => self.judge(Verdict::Same),
            10..13 => self.judge(Verdict::Different),
            13 => self.judge(Verdict::Unsure),
            14..17 => self.confirm(),
            _ => self.revoke(),
        };
        *self.done.entry(what).or_default() += 1;
    }

    /// Of two entities, or of the parts of one.
    fn judge(&mut self, verdict: Verdict) -> &'static str {
        let (left, right) = (self.record(), self.record());
        let [left_all, right_all] = [left, right].map(|record| self.of(record));
        let is_one = left_all.contains(&right);
        let both: BTreeSet<i64> = left_all.union(&right_all).copied().collect();
        let touches_two = self.ids(&both).len() > 1;
        let (left_all, right_all) = if is_one { ([left].into(), [right].into()) } else { (left_all, right_all) };
        let pairs: Vec<(i64, i64)> = left_all.iter().flat_map(|left| right_all.iter().map(|right| (*left, *right))).collect();
        let by = self.signed();
        self.ledger.decide(&self.entity.name, &pairs, verdict, &by, touches_two && (verdict == Verdict::Same || is_one));
        verdict.word()
    }

    fn confirm(&mut self) -> &'static str {
        let (number, by) = (self.any_decision(), self.signed());
        match self.ledger.confirm(number, &by) {
            Ok(_) => "confirmed",
            Err(Unchanged::SamePerson) => "same person",
            Err(Unchanged::Nothing) => "nothing to confirm",
        }
    }

    fn revoke(&mut self) -> &'static str {
        let (number, by) = (self.any_decision(), self.signed());
        let records: BTreeSet<i64> = self.ledger.records(number);
        let touches_two = self.ids(&records).len() > 1;
        self.ledger.revoke(number, &by, touches_two).map_or("nothing to revoke", |_| "revoked")
    }

    fn any_decision(&mut self) -> i64 {
        let last = self.ledger.entries().last().map_or(1, |entry| entry.decision);
        i64::try_from(self.dice.below(usize::try_from(last).unwrap())).unwrap() + 1
    }

    fn records(&self) -> RecordBatch {
        batch(&self.entity, &self.standing.iter().map(|(record, cells)| (*record, cells.clone())).collect::<Vec<_>>())
    }

    /// What the stages do, and what must hold then.
    fn refresh(&mut self) {
        let successors = Successors::of(self.successors.iter().copied());
        let decisions = self.ledger.counting(&successors);
        let records = self.records();
        let resolution = resolve(&self.entity, std::iter::once(Ok(records.clone())), &decisions).unwrap();
        let halves = [records.slice(0, records.num_rows() / 2), records.slice(records.num_rows() / 2, records.num_rows().div_ceil(2))];
        let again = resolve(&self.entity, halves.into_iter().map(Ok), &decisions).unwrap();
        assert_eq!(resolution.link, again.link, "from nothing the same again");
        let (numbers, smallest) = (resolution.link.records().values(), resolution.link.entities().values());
        let now = Partition { records: numbers, smallest, verified: &resolution.verified };
        let counted = identity::Ledger { run: self.counted.run + 1, ..self.counted.clone() };
        let Identity { members, former, events, ledger } =
            identity::carry(&self.members, &now, &successors, self.former.iter().map(|row| Ok(*row)), counted).unwrap();
        for event in &events {
            self.born.extend(event.to);
            match (event.what, event.from, event.to) {
                (Reason::Retired, Some(from), _) => drop(self.retired.insert(from)),
                (Reason::Restored, _, Some(to)) => drop(self.retired.remove(&to)),
                _ => {}
            }
        }
        self.former.extend(former);
        (self.members, self.counted) = (members, ledger);
        self.obeyed(&resolution.report.decided, &successors);
        self.resolves();
        let link = resolution.link.numbered(&self.members).collect::<Result<Vec<_>, _>>().unwrap();
        self.agrees(&records, &concat_batches(&table::link_schema(), &link).unwrap());
    }

    /// What people decided is carried out, as far as they do not contradict each other; nobody else makes two ids one.
    fn obeyed(&self, report: &super::DecisionReport, successors: &Successors) {
        let entity: BTreeMap<i64, i64> = self.members.iter().map(|member| (member.record, member.entity)).collect();
        let mut latest: BTreeMap<(i64, i64), (i64, Verdict)> = BTreeMap::new();
        for entry in self.ledger.entries().iter().filter(|entry| entry.state.counts()) {
            let mut pair = [entry.left, entry.right].map(|record| successors.latest(record));
            pair.sort_unstable();
            let known = latest.entry((pair[0], pair[1])).or_insert((entry.decision, entry.verdict));
            *known = if known.0 <= entry.decision { (entry.decision, entry.verdict) } else { *known };
        }
        let mut said = BTreeMap::new();
        for (&(left, right), &(_, verdict)) in latest.iter().filter(|((left, right), _)| left != right) {
            if let (Some(left_entity), Some(right_entity)) = (entity.get(&left), entity.get(&right)) {
                said.entry(verdict.word()).or_insert_with(Vec::new).push((left, right, left_entity == right_entity));
            }
        }
        let of = |word: &str| said.get(word).cloned().unwrap_or_default();
        assert!(of("different").iter().all(|(.., is_one)| !is_one), "different keeps apart, always");
        let apart = of("same").iter().filter(|(.., is_one)| !is_one).count() as u64;
        assert!(apart <= report.contradicted, "{apart} of {}", report.contradicted);
        let mut together: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for member in &self.members {
            together.entry(member.entity).or_default().insert(member.record);
        }
        for (number, records) in together.iter().filter(|(_, records)| self.ids(records).len() > 1) {
            let decided = of("same").iter().any(|(left, _, _)| records.contains(left));
            assert!(decided, "entity {number} has two ids and nobody decided so");
        }
    }

    /// Every number leads, in one step, to an entity that is there, or is retired.
    fn resolves(&self) {
        let alive: BTreeSet<i64> = self.members.iter().map(|member| member.entity).collect();
        for number in self.born.iter().copied() {
            let to = self.counted.redirects.get(&number).map_or(number, |redirect| redirect.to);
            assert!(alive.contains(&to) || self.retired.contains(&to), "{number} leads to {to}, which is nothing");
            assert!(!self.counted.redirects.contains_key(&to), "in one step");
        }
        assert_eq!(self.born.len(), usize::try_from(self.counted.next - 1).unwrap());
    }

    /// Table, graph and files say the same.
    fn agrees(&self, records: &RecordBatch, links: &RecordBatch) {
        let model = Model::embedded().unwrap();
        let entity: BTreeMap<i64, i64> = self.members.iter().map(|member| (member.record, member.entity)).collect();
        let mut sizes: BTreeMap<i64, i64> = BTreeMap::new();
        entity.values().for_each(|number| *sizes.entry(*number).or_default() += 1);
        let survivors = Stated::read(&self.entity, None, std::iter::once(Ok(records.clone()))).unwrap().survivors(links).unwrap();
        let of = |name: &str| integers(&survivors, name).unwrap().values().to_vec();
        assert_eq!(of("entity_id").into_iter().zip(of("records")).collect::<BTreeMap<_, _>>(), sizes, "entity.person");
        let all: Vec<i64> = entity.keys().copied().collect();
        let ties: Vec<(&str, i64, i64)> = all.windows(2).map(|pair| ("parent", pair[0], pair[1])).collect();
        let linked = link(std::iter::once(Ok(relations(&ties))), &Belonging::read(std::iter::once(Ok(links.clone()))).unwrap()).unwrap();
        let expected = ties.iter().filter(|(_, source, target)| entity[source] != entity[target]).count();
        assert_eq!((linked.edge.num_rows(), linked.report.dangling), (expected, 0), "graph.edge");
        let (sources, rows) = (integers(&linked.edge, "source").unwrap(), integers(&linked.edge, "row").unwrap());
        for at in 0..linked.edge.num_rows() {
            let tie = &ties[usize::try_from(rows.value(at) - 2).unwrap()];
            assert_eq!(sources.value(at), entity[&tie.1]);
        }
        let tiers = Texts::of(links, "tier").unwrap();
        assert!((0..links.num_rows()).all(|row| tiers.get(row).is_some()));
        for (number, records_of) in sizes.iter().step_by(5) {
            let gathered = Gathered {
                entity_id: *number,
                records: vec![(self.entity.name.clone(), records.clone())],
                links: vec![links.clone()],
                ..Gathered::default()
            };
            let file = entity_file(&model, &self.entity, &gathered).unwrap();
            assert_eq!(i64::try_from(file.merged.records.len()).unwrap(), *records_of, "the file of {number}");
            assert!(file.merged.records.iter().all(|record| entity[&record.record_id] == *number));
        }
    }
}

#[test]
fn after_a_thousand_operations_all_agree_and_every_old_number_resolves() {
    for seed in [1, 2] {
        let mut hub = Hub::new(seed);
        for at in 1..=1_000 {
            hub.happens();
            if at % 25 == 0 {
                hub.refresh();
            }
        }
        assert!(hub.done.len() >= 9 && hub.former.len() > 100 && !hub.counted.redirects.is_empty(), "{:?}", hub.done);
    }
}
