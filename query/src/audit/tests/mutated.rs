//! A thousand single changes to the files of an audit: with a checkpoint kept elsewhere every one of them is found.

use super::*;
use std::collections::BTreeMap;

/// Numbers that look random and are the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most.max(1) as u64).unwrap()
    }
}

type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Files {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Writes entries anew from a line on, each rightly bound to the one before: what the files' owner can do.
fn sign_again(lines: &mut [Vec<u8>], from: usize, change: impl Fn(&str) -> String) {
    let hash_of = |line: &[u8]| String::from_utf8(chain::parts(line.strip_suffix(b"\n").unwrap()).unwrap().0.to_vec()).unwrap();
    let mut head = from.checked_sub(1).map_or_else(|| START.to_owned(), |before| hash_of(&lines[before]));
    for (at, line) in lines.iter_mut().enumerate().skip(from) {
        let text = String::from_utf8(chain::parts(line.strip_suffix(b"\n").unwrap()).unwrap().1.to_vec()).unwrap();
        let text = if at == from { change(&text) } else { text };
        head = bound(&head, text.as_bytes());
        *line = super::line(&head, &text).into_bytes();
    }
}

/// One change; what it was.
fn change(files: &mut Files, draw: &mut Draw) -> String {
    let kind = draw.below(10);
    let of = |ending: &str, files: &Files, draw: &mut Draw| {
        let names: Vec<String> = files.keys().filter(|name| name.ends_with(ending)).cloned().collect();
        names[draw.below(names.len())].clone()
    };
    let ending = [".jsonl", "", ".seal", ".index", ".jsonl"][draw.below(5)];
    let name = if kind == 0 { of(ending, files, draw) } else { of(".jsonl", files, draw) };
    let bytes = files.get_mut(&name).unwrap();
    let mut all = lines(bytes);
    let at = draw.below(all.len());
    match kind {
        0 => {
            let byte = draw.below(bytes.len());
            bytes[byte] ^= 1 << draw.below(8);
            return format!("bit of byte {byte} of {name}");
        }
        1 => drop(all.remove(at)),
        2 if all.len() > 1 => {
            let other = (at + 1 + draw.below(all.len() - 1)) % all.len();
            all.swap(at, other);
        }
        3 => all.insert(at, all[draw.below(all.len())].clone()),
        4 => {
            let length = draw.below(bytes.len());
            bytes.truncate(length);
            return format!("{name} cut at {length}");
        }
        5 => sign_again(&mut all, at, |text| text.replace("\"outcome\":\"", "\"outcome\":\"not ")),
        6 => sign_again(&mut all, at, |text| text.replacen("\"at\":", "\"at\":-", 1)),
        7 => {
            let seal = of(".seal", files, draw);
            let text = String::from_utf8(files[&seal].clone()).unwrap();
            let key = ["\"first\":", "\"last\":", "\"bytes\":", "\"at\":", "\"until\":"][draw.below(5)];
            files.insert(seal.clone(), text.replacen(key, &format!("{key}1"), 1).into_bytes());
            return format!("{key} of {seal}");
        }
        8 => {
            let gone = [of(".jsonl", files, draw), of(".seal", files, draw)][draw.below(2)].clone();
            files.remove(&gone);
            return format!("{gone} removed");
        }
        _ => {
            let (one, other) = (of(".jsonl", files, draw), of(".seal", files, draw));
            let swapped = [one, other.clone(), other][draw.below(3)].clone();
            let ending = if swapped.ends_with(".seal") { ".seal" } else { ".jsonl" };
            let with = files[&of(ending, files, draw)].clone();
            files.insert(swapped.clone(), with);
            return format!("{swapped} put in another's place");
        }
    }
    files.insert(name.clone(), all.concat());
    format!("change {kind} of line {at} of {name}")
}

#[test]
fn a_thousand_single_changes_are_found() {
    let origin = tempfile::tempdir().unwrap();
    let audit = small(origin.path());
    for at in 1..=60_i64 {
        let shown = Entry { persons: [at, at + 1].into(), records: [at * 7].into(), ..entry(at * 1_000) };
        assert_ne!(audit.append(shown).unwrap(), 0);
    }
    let kept = audit.verify().unwrap().checkpoint();
    let whole = files(origin.path());
    assert!(whole.keys().filter(|name| name.ends_with(".index")).count() >= 3, "{:?}", whole.keys());
    let mut draw = Draw(42);
    let mut tried = 0;
    while tried < 1_000 {
        let mut changed = whole.clone();
        let what = change(&mut changed, &mut draw);
        if changed == whole {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        changed.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
        let found = Audit::open(folder.path()).and_then(|audit| audit.verify_since(&kept));
        assert!(found.is_err(), "{what} was not found");
        tried += 1;
    }
}
