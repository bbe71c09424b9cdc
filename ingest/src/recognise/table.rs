//! Tables that name their columns in a header of their own, not in a row. How headers and rows are read is the readers' matter; no value
//! of a row is looked at here.

use super::{Fit, Hint, Layout, Understood, choose, understood};
use crate::{
    Departments, Error, Format,
    decode::{by_name, label},
    reader::{
        dbf::{self, DbfLayout},
        page::Page,
        parquet,
    },
};
use std::path::Path;
use wuwei_schema::Notice;

/// A dBASE table. Its names are cut, so the extract's are compared cut likewise; its code page is settled once the extract is known.
pub(super) fn dbf<'a>(path: &Path, departments: &'a Departments, hint: &Hint) -> Result<(Fit<'a>, Understood, Layout), Error> {
    let header = dbf::header(path)?;
    let memo = dbf::beside(path).filter(|_| header.has_memos());
    let survey = dbf::survey(path, &header, memo.as_deref())?;
    let told = hint.encoding.as_deref().and_then(|name| by_name(name).ok());
    let page = |expected| match told {
        Some(encoding) => Ok((Page::Coded(encoding), vec![Notice::new("encoding-declared").with("encoding", label(encoding))])),
        None => survey.page(&header, expected).map_err(|detail| Error::Encoding {
            path: path.display().to_string(),
            detail,
            hint: "name the encoding with --encoding".to_owned(),
        }),
    };
    let (_, fit) = choose(path, &[vec![header.heading(page(None)?.0)]], Format::Dbf, departments, hint)?;
    let (page, why) = page(Some(fit.extract.encoding))?;
    let mut understood = understood(&fit, Format::Dbf);
    understood.encoding = Some(page.label());
    understood.evidence.extend(why);
    understood.evidence.extend(header.evidence(&survey, memo.as_deref()));
    understood.remarks.extend(survey.remarks(page));
    let layout = Layout::Dbf(DbfLayout { page, memo, places: fit.places.clone() });
    Ok((fit, understood, layout))
}

/// A Parquet file; its names are as long as they like.
pub(super) fn parquet<'a>(path: &Path, departments: &'a Departments, hint: &Hint) -> Result<(Fit<'a>, Understood, Layout), Error> {
    let (_, fit) = choose(path, &[vec![parquet::heading(path)?]], Format::Parquet, departments, hint)?;
    let understood = understood(&fit, Format::Parquet);
    let layout = Layout::Parquet(fit.places.clone());
    Ok((fit, understood, layout))
}
