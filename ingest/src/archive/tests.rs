//! Archives as departments pack them, and archives made to hurt: what comes out, and what is said instead.

use super::*;
use crate::reader::sample::Folder;
use proptest::prelude::*;
use std::{collections::BTreeMap, io::Write as _, path::PathBuf};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn pack(folder: &Folder, entries: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.path("a.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// Files as they came.
#[derive(Default)]
struct Taken(Vec<(String, Vec<u8>)>);

impl Unpack for Taken {
    fn file(&mut self, name: &str) -> io::Result<()> {
        self.0.push((name.to_owned(), Vec::new()));
        Ok(())
    }

    fn bytes(&mut self, piece: &[u8]) -> io::Result<()> {
        self.0.last_mut().unwrap().1.extend(piece);
        Ok(())
    }
}

/// The archive's files with what is in them, or why it was refused.
fn told(path: &Path, limits: ArchiveLimits) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut taken = Taken::default();
    let unpacked = unpack(path, &limits, &mut taken);
    unpacked.map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))?.unwrap();
    Ok(taken.0.into_iter().collect())
}

fn refusal(path: &Path) -> String {
    told(path, ArchiveLimits::default()).unwrap_err()
}

#[test]
fn each_entry_is_a_file_under_the_name_it_was_packed_by() {
    let folder = Folder::new();
    let path = pack(&folder, &[("人口/一月.csv", b"a"), ("人口/", b""), ("__MACOSX/人口/._一月.csv", b"x"), ("二月.csv", b"b")]);
    let files = told(&path, ArchiveLimits::default()).unwrap();
    assert_eq!(files, [("人口/一月.csv".to_owned(), b"a".to_vec()), ("二月.csv".to_owned(), b"b".to_vec())].into());
    assert_eq!(unpack(&path, &ArchiveLimits::default(), &mut Taken::default()).unwrap().unwrap(), ["__MACOSX/人口/._一月.csv"]);
    let long = format!("{}.csv", "长".repeat(100));
    assert!(told(&pack(&folder, &[(&long, b"a")]), ArchiveLimits::default()).unwrap().contains_key(&long), "a long name is kept whole");
}

#[test]
fn a_file_without_a_byte_damages_nothing_whatever_it_is_said_to_be_packed_by() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(pack(&folder, &[("甲.csv", b"a"), ("乙.csv", b"")])).unwrap();
    let name = "乙.csv".as_bytes();
    let places: Vec<usize> = (0..bytes.len() - name.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    // Method and packed size, in the header of the entry and in the list: nothing is packed into nothing.
    for (place, [method, size]) in places.iter().zip([[22, 12], [36, 26]]) {
        bytes[place - method] = 8;
        bytes[place - size] = 0;
    }
    let files = told(&folder.write("b.zip", bytes), ArchiveLimits::default()).unwrap();
    assert_eq!(files, [("甲.csv".to_owned(), b"a".to_vec()), ("乙.csv".to_owned(), Vec::new())].into());
}

#[test]
fn what_is_no_archive_is_left_to_be_opened_itself() {
    let folder = Folder::new();
    for path in [folder.write("a.csv", "a,b"), folder.write("empty", ""), pack(&folder, &[("xl/workbook.xml", b"<a/>")])] {
        assert_eq!(unpack(&path, &ArchiveLimits::default(), &mut Taken::default()).unwrap(), None);
    }
    assert!(refusal(&folder.write("cut.zip", b"PK\x03\x04 and no more")).starts_with("file `FILE` is damaged at its end"));
}

#[test]
fn entries_that_would_lie_elsewhere_or_are_no_files_are_refused() {
    let folder = Folder::new();
    for name in ["../a.csv", "/etc/a.csv", "C:/a.csv", "a/..\\..\\b.csv"] {
        let says = format!("file `FILE` is a ZIP archive with an entry that would lie outside of it (`{name}`); hint: ");
        assert!(refusal(&pack(&folder, &[("a.csv", b"a"), (name, b"b")])).starts_with(&says), "{name}");
    }
    let path = folder.path("link.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    zip.add_symlink("a.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    assert!(refusal(&path).contains("with an entry that is a link and no file"));
}

/// Changes the bytes of a file.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn entries_behind_a_password_of_another_method_twice_or_on_top_of_each_other_are_refused() {
    let folder = Folder::new();
    let path = pack(&folder, &[("a.csv", b"a"), ("b.csv", b"b")]);
    let list = |bytes: &[u8]| bytes.windows(4).position(|magic| magic == b"PK\x01\x02").unwrap();
    edit(&path, |bytes| {
        let at = list(bytes);
        bytes[at + 8] |= 1;
    });
    assert!(refusal(&path).contains("is a ZIP archive behind a password (`a.csv`); hint: pack the files again without a password"));
    for method in [1, 9, 12, 14, 93, 95, 98] {
        let path = pack(&folder, &[("a.csv", b"a")]);
        edit(&path, |bytes| {
            let at = list(bytes);
            (bytes[8], bytes[at + 10]) = (method, method);
        });
        let error = refusal(&path);
        assert!(
            error.contains("is a ZIP archive packed by a method that is not read (`a.csv`); hint: pack the files again as ZIP"),
            "{error}"
        );
    }
    let path = pack(&folder, &[("a.csv", b"a"), ("b.csv", b"b")]);
    edit(&path, |bytes| bytes.iter_mut().filter(|byte| **byte == b'b').for_each(|byte| *byte = b'a'));
    assert!(refusal(&path).contains("two entries of one name"), "{}", refusal(&path));
    let path = pack(&folder, &[("a.csv", b"a"), ("b.csv", b"b")]);
    edit(&path, |bytes| {
        let second = list(bytes) + 46 + "a.csv".len();
        bytes[second + 42..second + 46].fill(0);
    });
    let error = refusal(&path);
    assert!(error.contains("lie on top of each other"), "{error}");
}

#[test]
fn an_archive_without_a_file_says_so_and_one_that_is_broken_names_the_entry() {
    let folder = Folder::new();
    for entries in [&[][..], &[("a/", &b""[..])], &[("__MACOSX/._a.csv", b"x")]] {
        assert!(refusal(&pack(&folder, entries)).starts_with("file `FILE` is a ZIP archive without any file in it; hint: "));
    }
    let path = pack(&folder, &[("甲.csv", &b"abc".repeat(100))]);
    edit(&path, |bytes| bytes[30 + "甲.csv".len() + 3] ^= 0x55);
    assert!(refusal(&path).starts_with("file `FILE` is damaged at entry `甲.csv`: it cannot be unpacked; hint: "), "{}", refusal(&path));
}

#[test]
fn archives_that_would_fill_the_disk_are_refused_before_they_do() {
    let folder = Folder::new();
    let zeros = vec![0; 3 << 20];
    let bomb = pack(&folder, &[("a.csv", &zeros)]);
    assert!(refusal(&bomb).contains("exceeds a limit at entry `a.csv`: it unpacks to more than 100 times its size"));
    let few = ArchiveLimits { bytes: 1000, ..ArchiveLimits::default() };
    assert!(told(&bomb, few).unwrap_err().contains("it unpacks to more than 1000 bytes"));
    assert!(told(&bomb, ArchiveLimits { exempt: 4 << 20, ..few }).unwrap_err().contains("1000 bytes"));
    let small = pack(&folder, &[("a.csv", &zeros[..1 << 20])]);
    assert_eq!(told(&small, ArchiveLimits::default()).unwrap()["a.csv"].len(), 1 << 20);
    let names: Vec<String> = (0..9).map(|number| format!("{number}.csv")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &zeros[..1 << 20])).collect();
    let error = refusal(&pack(&folder, &entries));
    assert!(error.contains("exceeds a limit at the archive: it unpacks to more than 100 times its size"), "{error}");
    let path = folder.path("many.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    (0..2001).for_each(|number| zip.start_file(format!("{number}"), stored).unwrap());
    zip.finish().unwrap();
    assert!(refusal(&path).contains("it has more than 2000 entries; hint: hand the files in one by one"));
}

proptest! {
    /// The sum of each file is checked, so what comes out is what went in.
    #[test]
    fn whatever_bytes_an_archive_has_its_files_are_whole_or_it_is_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), length in 0..500_usize, is_cut: bool,
    ) {
        let folder = Folder::new();
        let (long, short) = (b"990101198503070017,a\n".repeat(9), b"b".to_vec());
        let path = pack(&folder, &[("a.csv", &long), ("b/c.csv", &short), ("d.csv", b"")]);
        edit(&path, |bytes| {
            let all = bytes.len();
            changes.iter().for_each(|(at, byte)| bytes[at.index(all)] = *byte);
            bytes.truncate(if is_cut { length } else { all });
        });
        let mut taken = Taken::default();
        match unpack(&path, &ArchiveLimits::default(), &mut taken) {
            Ok(Some(_)) => prop_assert!(taken.0.iter().all(|(_, bytes)| [&long, &short, &Vec::new()].contains(&bytes)), "{:?}", taken.0),
            Ok(None) => {}
            Err(error) => prop_assert!(error.to_string().contains("; hint: "), "{}", error),
        }
    }
}
