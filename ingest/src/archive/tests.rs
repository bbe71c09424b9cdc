//! Archives as departments pack them, and archives made to hurt: what comes out, and what is said instead.

use super::*;
use crate::reader::sample::Folder;
use std::collections::BTreeMap;
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

/// The archive's files with what is in them, or why it was refused; nothing may lie anywhere but in the folder given.
fn told(path: &Path, limits: ArchiveLimits) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let folder = Folder::new();
    let into = folder.path("into");
    std::fs::create_dir(&into).unwrap();
    let unpacked = unpack(path, &into, &limits);
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 1);
    let archive = unpacked.map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))?.unwrap();
    assert!(archive.files.iter().all(|file| file.path.parent() == Some(&into)));
    Ok(archive.files.into_iter().map(|file| (file.name, std::fs::read(file.path).unwrap())).collect())
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
    let into = folder.path("into");
    std::fs::create_dir(&into).unwrap();
    assert_eq!(unpack(&path, &into, &ArchiveLimits::default()).unwrap().unwrap().ignored, ["__MACOSX/人口/._一月.csv"]);
}

#[test]
fn what_is_no_archive_is_left_to_be_opened_itself() {
    let folder = Folder::new();
    let into = folder.path("into");
    for path in [folder.write("a.csv", "a,b"), folder.write("empty", ""), pack(&folder, &[("xl/workbook.xml", b"<a/>")])] {
        assert_eq!(unpack(&path, &into, &ArchiveLimits::default()).unwrap(), None);
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
fn entries_behind_a_password_twice_or_on_top_of_each_other_are_refused() {
    let folder = Folder::new();
    let path = pack(&folder, &[("a.csv", b"a"), ("b.csv", b"b")]);
    let list = |bytes: &[u8]| bytes.windows(4).position(|magic| magic == b"PK\x01\x02").unwrap();
    edit(&path, |bytes| {
        let at = list(bytes);
        bytes[at + 8] |= 1;
    });
    assert!(refusal(&path).contains("is a ZIP archive behind a password (`a.csv`); hint: pack the files again without a password"));
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
    let path = folder.path("many.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    (0..2001).for_each(|number| zip.start_file(format!("{number}"), stored).unwrap());
    zip.finish().unwrap();
    assert!(refusal(&path).contains("it has more than 2000 entries; hint: hand the files in one by one"));
}
