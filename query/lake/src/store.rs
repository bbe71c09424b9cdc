//! Durability: the object store that tables are written through. `object_store`'s own local store never calls fsync, so that after a power
//! cut a file it acknowledged may be empty or missing. Here no name ever leads to bytes that are not on the disk: write beside, fsync,
//! rename, fsync the folders.

use crate::Error;
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, RenameOptions, RenameTargetMode, Result, UploadPart,
};
use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What the name of a file that is being written ends with.
pub(crate) const STAGED: &str = ".tmp";

/// A local store, addressed from the lake's folder, that acknowledges only what is on the disk.
#[derive(Debug, Clone)]
pub(crate) struct Durable {
    inner: LocalFileSystem,
    root: PathBuf,
    /// Folders whose entries in the folders above them, up to the lake's, are on the disk. No folder is ever removed.
    entered: Arc<Mutex<HashSet<PathBuf>>>,
}

impl Durable {
    /// For the folder `root`, given in canonical form, which must be there.
    pub(crate) fn new(root: &std::path::Path) -> Result<Durable> {
        Ok(Durable { inner: LocalFileSystem::new_with_prefix(root)?, root: root.to_owned(), entered: Arc::default() })
    }

    /// Gives a staged file, once its bytes are on the disk, its name.
    async fn settle(&self, staged: &Path, location: &Path, target_mode: RenameTargetMode) -> Result<()> {
        self.sync_file(staged).await?;
        let renamed = self.inner.rename_opts(staged, location, RenameOptions::new().with_target_mode(target_mode)).await;
        if renamed.is_err() {
            drop(self.inner.delete(staged).await);
        }
        renamed?;
        self.sync_folders(location).await
    }

    async fn sync_file(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        spawn(move || sync(&path)).await
    }

    /// The entry of a new file is in its folder, the entry of a new folder in the one above: all up to the lake's, or to one of which that
    /// is known. Forcing a folder costs a turn of the disk, be there anything new in it or not.
    async fn sync_folders(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        let (root, entered) = (self.root.clone(), Arc::clone(&self.entered));
        spawn(move || {
            let known = |folder: &std::path::Path| entered.lock().unwrap_or_else(PoisonError::into_inner).contains(folder);
            let mut passed = Vec::new();
            for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(&root)) {
                sync(folder)?;
                if known(folder) {
                    break;
                }
                passed.push(folder.to_owned());
            }
            entered.lock().unwrap_or_else(PoisonError::into_inner).extend(passed);
            Ok(())
        })
        .await
    }
}

impl std::fmt::Display for Durable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Durable({})", self.inner)
    }
}

/// Every method is written out, because a default one could acknowledge what is not on the disk.
#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for Durable {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let target = match opts.mode {
            PutMode::Overwrite => RenameTargetMode::Overwrite,
            PutMode::Create => RenameTargetMode::Create,
            PutMode::Update(_) => return self.inner.put_opts(location, payload, opts).await, // which says that it cannot
        };
        let staged = staged(location)?;
        let put = self.inner.put_opts(&staged, payload, PutOptions { mode: PutMode::Overwrite, ..opts }).await?;
        self.settle(&staged, location, target).await?;
        Ok(put)
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        let staged = staged(location)?;
        let upload = self.inner.put_multipart_opts(&staged, opts).await?;
        Ok(Box::new(DurableUpload { upload, store: self.clone(), staged, location: location.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let deleted = self.inner.delete_stream(locations);
        let synced = deleted.then(move |deleted| {
            let store = store.clone();
            async move {
                let location = deleted?;
                store.sync_folders(&location).await?;
                Ok(location)
            }
        });
        synced.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        ordered(self.inner.list(prefix))
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        ordered(self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.sync_file(from).await?;
        self.inner.copy_opts(from, to, options).await?;
        self.sync_folders(to).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.sync_file(from).await?;
        self.inner.rename_opts(from, to, options).await?;
        self.sync_folders(to).await?;
        self.sync_folders(from).await
    }
}

/// A large file in parts; it gets its name when all of them are on the disk.
#[derive(Debug)]
struct DurableUpload {
    upload: Box<dyn MultipartUpload>,
    store: Durable,
    staged: Path,
    location: Path,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let put = self.upload.complete().await?;
        self.store.settle(&self.staged, &self.location, RenameTargetMode::Overwrite).await?;
        Ok(put)
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}

/// By name, as buckets list and as Delta's kernel relies upon; a folder lists as it likes.
fn ordered(listed: BoxStream<'static, Result<ObjectMeta>>) -> BoxStream<'static, Result<ObjectMeta>> {
    let sorted = async move {
        let mut listed: Vec<ObjectMeta> = listed.try_collect().await?;
        listed.sort_unstable_by(|left, right| left.location.cmp(&right.location));
        Ok::<_, object_store::Error>(stream::iter(listed.into_iter().map(Ok)))
    };
    stream::once(sorted).try_flatten().boxed()
}

fn staged(location: &Path) -> Result<Path> {
    Ok(Path::parse(format!("{location}{STAGED}"))?)
}

/// Puts a file's bytes, or a folder's entries, on the disk.
pub(crate) fn sync(path: &std::path::Path) -> std::io::Result<()> {
    std::fs::File::open(path)?.sync_all()
}

/// Runs what waits for the disk on a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|fault| Err(Error::file(".")(std::io::Error::other(fault))))
}

async fn spawn(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) -> Result<()> {
    let ended = tokio::task::spawn_blocking(work).await;
    let fault = |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic { store: "Durable", source };
    ended.map_err(|join| fault(join.into()))?.map_err(|io| fault(io.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Durable, Path) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("数据 a%20b");
        std::fs::create_dir(&root).unwrap();
        (folder, Durable::new(&root).unwrap(), Path::parse("tables/常住 %20/file").unwrap())
    }

    async fn text(store: &Durable, location: &Path) -> String {
        String::from_utf8(store.get(location).await.unwrap().bytes().await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_is_put_is_there_under_its_name_only() {
        let (_folder, store, location) = place();
        store.put(&location, "one".into()).await.unwrap();
        store.put(&location, "two".into()).await.unwrap();
        assert_eq!(text(&store, &location).await, "two");
        let folder = store.inner.path_to_filesystem(&location).unwrap();
        assert_eq!(std::fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn files_are_listed_by_name() {
        let (_folder, store, location) = place();
        let name = |number: u32| Path::parse(format!("{location}/{number:03}")).unwrap();
        for number in (0..20).map(|number| number * 7 % 20) {
            store.put(&name(number), "".into()).await.unwrap();
        }
        let listed: Vec<_> = store.list_with_offset(Some(&location), &name(4)).map_ok(|meta| meta.location).try_collect().await.unwrap();
        assert_eq!(listed, (5..20).map(name).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_name_that_is_taken_is_not_taken_again() {
        let (_folder, store, location) = place();
        let create = || PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        store.put_opts(&location, "one".into(), create()).await.unwrap();
        let second = store.put_opts(&location, "two".into(), create()).await;
        assert!(matches!(second, Err(object_store::Error::AlreadyExists { .. })));
        assert_eq!(text(&store, &location).await, "one");
        let folder = store.inner.path_to_filesystem(&location).unwrap();
        assert_eq!(std::fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1, "the staged file is gone");
    }

    #[tokio::test]
    async fn an_upload_has_its_name_only_when_complete() {
        let (_folder, store, location) = place();
        let mut upload = store.put_multipart(&location).await.unwrap();
        upload.put_part("one".into()).await.unwrap();
        assert!(store.head(&location).await.is_err());
        upload.put_part("two".into()).await.unwrap();
        upload.complete().await.unwrap();
        assert_eq!(text(&store, &location).await, "onetwo");
        store.delete(&location).await.unwrap();
        assert!(store.head(&location).await.is_err());
    }
}
