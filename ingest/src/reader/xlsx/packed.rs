//! Workbooks as programs other than the usual ones pack them: parts elsewhere, slashes turned, letters in another case, UTF-16.

use crate::reader::sample::{Folder, told};
use std::{io::Write, path::PathBuf};

/// How the parts of a workbook are named and written.
struct Packing {
    /// The name of a part, from its usual one.
    name: fn(&str) -> String,
    /// The bytes of a part.
    bytes: fn(&str) -> Vec<u8>,
    /// Sheets beside the one with cells, and what they refer to.
    more: &'static str,
    relations: &'static str,
}

impl Default for Packing {
    fn default() -> Packing {
        Packing { name: str::to_owned, bytes: |text| text.as_bytes().to_vec(), more: "", relations: "" }
    }
}

fn pack(folder: &Folder, packing: &Packing) -> PathBuf {
    let relation = |kind: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"a\" Type=\"http://a/{kind}\" Target=\"{target}\"/></Relationships>")
    };
    let sheets = relation("worksheet", "s.xml").replace("</Relationships>", packing.relations) + "</Relationships>";
    let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |cells: &[&str]| format!("<row>{}</row>", cells.iter().map(|text| cell(text)).collect::<String>());
    let rows = row(&["身份证号", "姓名", "住址"]) + &row(&["1", "㛃𬭎", "东街"]);
    let (book, sheet) = ((packing.name)("xl/workbook.xml"), "xl/s.xml");
    let parts = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        ("_rels/.rels", relation("officeDocument", &book)),
        ("xl/_rels/workbook.xml.rels", sheets),
        ("xl/workbook.xml", format!("<workbook><sheets><sheet name=\"表\" sheetId=\"1\" r:id=\"a\"/>{}</sheets></workbook>", packing.more)),
        (sheet, format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
        ("docProps/thumbnail.wmf", String::new()),
    ];
    let path = folder.path("a.xlsx");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in parts {
        zip.start_file((packing.name)(name), stored).unwrap();
        zip.write_all(&if name.starts_with("xl") || name.starts_with("_rels") { (packing.bytes)(&text) } else { text.into_bytes() })
            .unwrap();
    }
    zip.finish().unwrap();
    path
}

fn lines(packing: &Packing) -> Result<Vec<String>, String> {
    told(&pack(&Folder::new(), packing))
}

#[test]
fn the_parts_of_a_workbook_may_lie_elsewhere_and_be_written_otherwise() {
    let names: [fn(&str) -> String; 5] = [
        |name| name.replace("xl/", "book/"),
        |name| name.replace("xl/", ""),
        |name| name.replace('/', "\\"),
        |name| format!("/{name}"),
        str::to_lowercase,
    ];
    for name in names {
        assert_eq!(lines(&Packing { name, ..Packing::default() }).unwrap(), ["表 2: 1|㛃𬭎|东街"], "{}", name("xl/workbook.xml"));
    }
    let wide: [fn(&str) -> Vec<u8>; 2] = [
        |text| crate::decode::encode(&format!("\u{feff}{text}"), encoding_rs::UTF_16LE),
        |text| crate::decode::encode(text, encoding_rs::UTF_16BE),
    ];
    for bytes in wide {
        assert_eq!(lines(&Packing { bytes, ..Packing::default() }).unwrap(), ["表 2: 1|㛃𬭎|东街"]);
    }
}

#[test]
fn a_sheet_without_a_part_is_a_module_and_one_whose_part_is_missing_is_lost() {
    let more = |more, relations| lines(&Packing { more, relations, ..Packing::default() });
    let (module, lost) = ("<sheet name=\"模块\" sheetId=\"2\" r:id=\"\"/>", "<sheet name=\"二区\" sheetId=\"2\" r:id=\"b\"/>");
    assert_eq!(more(module, "").unwrap(), ["表 2: 1|㛃𬭎|东街"]);
    let other = "<Relationship Id=\"c\" Type=\"http://a/worksheet\" Target=\"t.xml\"/>";
    for (sheets, relations) in [(lost, ""), (module, other)] {
        let error = more(sheets, relations).unwrap_err();
        assert!(error.contains("is damaged at the workbook: it names a sheet that is not in it"), "{error}");
    }
}

#[test]
fn a_part_without_a_byte_is_one_also_where_it_is_said_to_be_packed() {
    let folder = Folder::new();
    let path = pack(&folder, &Packing::default());
    let mut bytes = std::fs::read(&path).unwrap();
    let name = b"docProps/thumbnail.wmf";
    let places: Vec<usize> = (0..bytes.len() - name.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    // The method stands 22 bytes before the name in the part's own header, and 36 in the list of parts.
    for (place, before) in places.iter().zip([22, 36]) {
        bytes[place - before] = 8;
    }
    let path = folder.write("b.xlsx", bytes);
    assert_eq!(told(&path).unwrap(), ["表 2: 1|㛃𬭎|东街"]);
}
