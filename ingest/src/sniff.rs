//! What a file is, from its content and never from its name: text in some encoding or a workbook, with the reasons, and the hash
//! that names the batch. One pass over the bytes, a second one beside it for text that is not UTF-8. What the rows mean is not asked here.

mod container;
mod declared;
mod encoding;
mod halves;
mod stated;
mod tally;
mod utf7;

use crate::{
    Error, Format, Hint,
    decode::{PIECE, by_name, read_some},
};
use container::{Container, container};
pub(crate) use declared::Declared;
pub use declared::FORMATS;
use encoding::{Survey, Verdict};
use encoding_rs::{Encoding, GB18030, UTF_8};
use halves::count;
use sha2::{Digest, Sha256};
use stated::{Agreement, agreement, stated};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    thread,
    time::SystemTime,
};
use tally::Tally;
use wuwei_schema::Notice;

/// What a file turned out to be.
#[derive(Debug)]
pub(crate) struct Sniffed {
    pub(crate) content: Content,
    /// First 16 hexadecimal digits of the SHA-256 of all bytes.
    pub(crate) batch: String,
    pub(crate) stamp: Stamp,
    /// Why.
    pub(crate) evidence: Vec<Notice>,
}

/// How to read it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Content {
    /// Text of this encoding; `either` when nothing speaks against UTF-8 or GB18030.
    Text { encoding: &'static Encoding, either: bool },
    /// A workbook, XLSX or XLS.
    Workbook(Format),
    /// A dBASE or FoxPro table.
    Dbf,
    /// Apache Parquet.
    Parquet,
    /// JSON, one document or one a line.
    Json { encoding: &'static Encoding },
    /// XML.
    Xml { encoding: &'static Encoding },
}

/// Looks at the whole file. The encoding somebody answers for overrides what is found, unless the text does not decode; the format they answer
/// for, unless the bytes are none of it.
pub(crate) fn sniff(path: &Path, hint: &Hint) -> Result<Sniffed, Error> {
    let named = |name: &String| by_name(name).map_err(|hint| Error::Unknown { what: "encoding", name: name.clone(), hint });
    let declared = hint.encoding.as_ref().map(named).transpose()?;
    let said = hint.declared()?;
    let stamp = Stamp::of(path)?;
    if stamp.bytes == 0 {
        return Err(Error::Empty { path: path.display().to_string() });
    }
    let head = head(path).map_err(|error| Error::file(path, &error))?;
    let found = container(path, &head);
    let by_itself = found.as_ref().ok().copied();
    let container = match said {
        Some(said) => said.taken(path, &head, found)?,
        None => found?,
    };
    let is_text = matches!(container, Container::Text | Container::Json | Container::Xml);
    let Looked { batch, survey, tally } = look(path, is_text, expected(&head, declared).filter(|_| is_text))?;
    let (content, why) = match (survey, container) {
        (Some(survey), _) => text(path, &head, container, (&survey, tally), declared)?,
        (None, Container::Dbf) => (Content::Dbf, vec![Notice::new("is-dbf")]),
        (None, Container::Parquet) => (Content::Parquet, vec![Notice::new("is-parquet")]),
        (None, Container::Xls) => (Content::Workbook(Format::Xls), vec![Notice::new("is-xls")]),
        (None, _) => (Content::Workbook(Format::Xlsx), vec![Notice::new("is-xlsx")]),
    };
    stamp.check(path)?;
    let against = [declared::evidence(said, by_itself, &content), name_against(path, container)];
    Ok(Sniffed { content, batch, stamp, evidence: why.into_iter().chain(against.into_iter().flatten()).collect() })
}

/// The encoding of a file that is taken for JSON, whatever it begins with.
pub(crate) fn json_encoding(path: &Path) -> Result<&'static Encoding, Error> {
    taken_for(path, Container::Json)
}

/// The encoding of a file that is taken for XML, whatever it begins with.
pub(crate) fn xml_encoding(path: &Path) -> Result<&'static Encoding, Error> {
    taken_for(path, Container::Xml)
}

fn taken_for(path: &Path, container: Container) -> Result<&'static Encoding, Error> {
    if Stamp::of(path)?.bytes == 0 {
        return Err(Error::Empty { path: path.display().to_string() });
    }
    let head = head(path).map_err(|error| Error::file(path, &error))?;
    let mut survey = Survey::new();
    pass(path, |piece, last| survey.feed(piece, last))?;
    match text(path, &head, container, (&survey, None), None)?.0 {
        Content::Json { encoding } | Content::Xml { encoding } | Content::Text { encoding, .. } => Ok(encoding),
        Content::Workbook(_) | Content::Dbf | Content::Parquet => Ok(UTF_8),
    }
}

/// What is known of a file before it is read, to notice that somebody is still writing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> Result<Stamp, Error> {
        let data = std::fs::metadata(path).map_err(|error| Error::file(path, &error))?;
        if data.is_dir() {
            return Err(Error::Directory { path: path.display().to_string() });
        }
        if !data.is_file() {
            // It may never end, or wait for ever for somebody to write.
            let (found, hint) = ("a pipe or a device, not a file".to_owned(), "copy what it gives into a file, then read that".to_owned());
            return Err(Error::Format { path: path.display().to_string(), found, hint });
        }
        Ok(Stamp { bytes: data.len(), modified: data.modified().ok() })
    }

    /// Whether the file is still the one that was looked at.
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        if Stamp::of(path)? == *self { Ok(()) } else { Err(Error::Changed { path: path.display().to_string() }) }
    }
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1024);
    File::open(path)?.take(1024).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Shows all bytes of a file to `see`, piece by piece, and at the end none and `true`.
pub(crate) fn pass(path: &Path, mut see: impl FnMut(&[u8], bool)) -> Result<(), Error> {
    let failed = |error: io::Error| Error::file(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let mut piece = vec![0; PIECE];
    loop {
        let count = read_some(&mut file, &mut piece).map_err(failed)?;
        see(&piece[..count], count == 0);
        if count == 0 {
            return Ok(());
        }
    }
}

/// What a look at all bytes tells.
struct Looked {
    batch: String,
    survey: Option<Survey>,
    /// The text counted in the encoding that was expected.
    tally: Option<Tally>,
}

/// Counting in an encoding takes longer than all else, so it goes on beside it where the first bytes say which encoding it will be.
fn look(path: &Path, is_text: bool, expected: Option<&'static Encoding>) -> Result<Looked, Error> {
    thread::scope(|scope| {
        let count = |encoding| thread::Builder::new().name("count".to_owned()).spawn_scoped(scope, move || count(path, encoding)).ok();
        let counting = expected.and_then(count);
        let mut survey = is_text.then(Survey::new);
        let mut hash = Sha256::new();
        pass(path, |piece, last| {
            hash.update(piece);
            survey.iter_mut().for_each(|survey| survey.feed(piece, last));
        })?;
        let tally = counting.map(|counting| counting.join().unwrap_or_else(|broken| std::panic::resume_unwind(broken))).transpose()?;
        Ok(Looked { batch: crate::batch::name(hash), survey, tally })
    })
}

/// The encoding, other than UTF-8, that is likely to be read in the end.
fn expected(head: &[u8], declared: Option<&'static Encoding>) -> Option<&'static Encoding> {
    let is_broken = || std::str::from_utf8(head).is_err_and(|error| error.error_len().is_some());
    let is_gb18030 = || Encoding::for_bom(head).is_none() && !head.contains(&0) && is_broken();
    match declared {
        Some(declared) => Some(declared).filter(|declared| *declared != UTF_8),
        None => is_gb18030().then_some(GB18030),
    }
}

fn text(
    path: &Path,
    head: &[u8],
    container: Container,
    (survey, mut tally): (&Survey, Option<Tally>),
    declared: Option<&'static Encoding>,
) -> Result<(Content, Vec<Notice>), Error> {
    let unsure = |detail, hint: &str| Error::Encoding { path: path.display().to_string(), detail, hint: hint.to_owned() };
    let mut recount = |encoding| match tally.take() {
        Some(tally) if tally.transcoder.encoding() == encoding => Ok(tally),
        _ => count(path, encoding),
    };
    let mut verdict = survey.verdict(declared, &mut recount)?;
    if container == Container::Xml && declared.is_none() {
        let unknown = |name| unsure(format!("its XML declaration names `{name}`, which is no encoding"), "correct the declaration");
        match stated(head).map_err(unknown)?.map(|stated| (stated, agreement(&verdict, stated, survey.is_western()))) {
            Some((_, Agreement::Contradicts { detail })) => {
                return Err(unsure(detail, "correct the declaration, or say with --encoding which of the two it is"));
            }
            Some((stated, Agreement::Decides)) => verdict = survey.verdict(Some(stated), &mut recount)?,
            _ => {}
        }
    }
    let (encoding, why, either) = match verdict {
        Verdict::Is { encoding, why, either } => (encoding, why, either),
        Verdict::Unsure { detail, hint } => return Err(unsure(detail, &hint)),
    };
    // What nothing speaks against is UTF-8 where a standard says so: RFC 8259 for JSON, XML 1.0 for what declares nothing.
    let standard = if either { UTF_8 } else { encoding };
    Ok(match container {
        Container::Json => (Content::Json { encoding: standard }, [vec![Notice::new("is-json")], why].concat()),
        Container::Xml => (Content::Xml { encoding: standard }, [vec![Notice::new("is-xml")], why].concat()),
        _ => (Content::Text { encoding, either }, why),
    })
}

/// A name that says otherwise is worth a word, nothing more.
fn name_against(path: &Path, container: Container) -> Option<Notice> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (endings, format): (&[&str], Format) = match container {
        Container::Text => (&["xlsx", "xls", "et", "dbf", "parquet"], Format::Csv),
        Container::Xls => (&["csv", "txt", "tsv", "xlsx", "dbf", "parquet"], Format::Xls),
        Container::Workbook => (&["csv", "txt", "tsv", "xls", "dbf"], Format::Xlsx),
        Container::Parquet => (&["csv", "txt", "tsv", "xlsx", "xls", "dbf"], Format::Parquet),
        Container::Dbf => (&["csv", "txt", "tsv", "xlsx", "xls"], Format::Dbf),
        Container::Json => (&["csv", "tsv", "xlsx", "xls", "dbf", "xml"], Format::Json),
        Container::Xml => (&["csv", "tsv", "xlsx", "xls", "dbf", "json"], Format::Xml),
    };
    let against = || Notice::new("name-against").with("ending", &ending).with("format", format.name());
    endings.contains(&ending.as_str()).then(against)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::sample::Folder;

    fn refusal(path: &Path) -> String {
        sniff(path, &Hint::default()).unwrap_err().to_string().replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn what_is_not_there_says_so() {
        let folder = Folder::new();
        assert_eq!(refusal(&folder.path("no.csv")), "file `FILE` cannot be read: there is no such file; hint: check the path");
        assert_eq!(refusal(&folder.path("")), "`FILE` is a directory; hint: name one file in it");
        assert_eq!(refusal(&folder.write("a.csv", "")), "file `FILE` is empty; hint: export it again, and let the copy finish");
        assert!(
            sniff(&folder.write("a.csv", "a"), &Hint { encoding: Some("latin9".to_owned()), ..Hint::default() })
                .unwrap_err()
                .to_string()
                .starts_with("there is no encoding `latin9`")
        );
    }

    #[test]
    fn other_formats_are_named_with_the_way_out_whatever_the_file_is_called() {
        let folder = Folder::new();
        let cases: [(Vec<u8>, &str); 5] = [
            (b"\x09\0\x04\0\x02\0\x10\0".to_vec(), "a workbook of before 1997"),
            (b"%PDF-1.7\n".to_vec(), "a PDF"),
            (b"Rar!\x1a\x07\0".to_vec(), "a RAR archive"),
            (b"\xef\xbb\xbf\r\n<html><table>".to_vec(), "HTML"),
            (b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>".to_vec(), "a workbook saved as XML"),
        ];
        for (bytes, found) in cases {
            let text = refusal(&folder.write("a.xlsx", bytes));
            assert!(text.starts_with(&format!("file `FILE` is {found}")) && text.contains("; hint: "), "{text}");
        }
    }

    #[test]
    fn a_name_that_says_otherwise_is_worth_a_word() {
        let folder = Folder::new();
        let sniffed = sniff(&folder.write("a.xlsx", "a,b\n"), &Hint::default()).unwrap();
        assert!(sniffed.evidence.contains(&Notice::new("name-against").with("ending", "xlsx").with("format", "csv")));
    }

    /// The encoding of a text in JSON or XML, or what is wrong.
    fn encoding_of(folder: &Folder, bytes: &[u8]) -> String {
        match sniff(&folder.write("a.dat", bytes), &Hint::default()) {
            Ok(Sniffed { content: Content::Json { encoding } | Content::Xml { encoding }, .. }) => encoding.name().to_owned(),
            Ok(other) => format!("{:?}", other.content),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn json_is_known_by_how_it_begins() {
        let folder = Folder::new();
        for text in ["{\"a\":1}", " [ {}]", "[]", "\u{feff}{}", "{\"a\":\"路\"}"] {
            assert_eq!(encoding_of(&folder, text.as_bytes()), "UTF-8", "{text}");
            assert_eq!(encoding_of(&folder, &crate::decode::encode(&format!("\u{feff}{text}"), encoding_rs::UTF_16LE)), "UTF-16LE");
        }
        assert!(encoding_of(&folder, b"[id],[name]\n1,2\n").starts_with("Text"));
    }

    #[test]
    fn an_xml_declaration_is_held_against_the_bytes() {
        let folder = Folder::new();
        let told = |declared: &str, encoding| {
            let text = format!("<?xml version=\"1.0\" encoding=\"{declared}\"?><a>王小明，云溪县城关镇人民路</a>");
            encoding_of(&folder, &crate::decode::encode(&text, encoding))
        };
        assert_eq!(told("GBK", GB18030), "gb18030");
        assert_eq!(told("utf-8", UTF_8), "UTF-8");
        assert_eq!(told("UTF-16", encoding_rs::UTF_16BE), "UTF-16BE");
        assert!(told("UTF-8", GB18030).contains("its XML declaration says UTF-8, and its bytes are GB18030; hint: "));
        assert!(told("gb2312", UTF_8).contains("its XML declaration says GB18030, and its bytes are UTF-8; hint: "));
        assert!(told("UTF-16", UTF_8).contains("says UTF-16LE"));
        assert!(told("klingon", UTF_8).contains("names `klingon`, which is no encoding"));
        let big5 =
            "<?xml version='1.0' encoding='big5'?><a>".to_owned() + &"雲溪縣城關鎮人民路的一號,在東街之中有一間房屋".repeat(3) + "</a>";
        assert_eq!(encoding_of(&folder, &crate::decode::encode(&big5, encoding_rs::BIG5)), "Big5");
        let west = |name: &str| format!("<?xml version='1.0' encoding='{name}'?><a>Málaga, Köln, Besançon, Århus</a>");
        assert_eq!(encoding_of(&folder, &crate::decode::encode(&west("ISO-8859-1"), encoding_rs::WINDOWS_1252)), "windows-1252");
        assert!(encoding_of(&folder, &crate::decode::encode(&west("GBK"), encoding_rs::WINDOWS_1252)).contains("as in text of the West"));
        let japanese = "<?xml version='1.0' encoding='EUC-JP'?><a>東の通りに家がある</a>";
        assert_eq!(encoding_of(&folder, &crate::decode::encode(japanese, encoding_rs::EUC_JP)), "EUC-JP");
    }

    /// 小 in GBK is a Cyrillic letter in UTF-8: an XML file of few Chinese characters is what its declaration says.
    #[test]
    fn a_declaration_decides_where_bytes_are_both() {
        let folder = Folder::new();
        let bytes = b"<?xml version=\"1.0\" encoding=\"GBK\"?><data><record><name>\xd0\xa1</name></record></data>";
        let path = folder.path("a.xml");
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(sniff(&path, &Hint::default()).unwrap().content, Content::Xml { encoding } if encoding == GB18030));
    }
}
