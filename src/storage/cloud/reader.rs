//! Reading one version of an object, in ranges.

use std::io;
use std::sync::Arc;

use object_store::{GetOptions, GetRange, ObjectMeta};

use super::super::plan::Fetch;
use super::super::{Access, Part, ReadAt, Version};
use super::{Object, changed, is_same, wait};
use crate::error::Error;

/// Reads one version of an object.
#[derive(Debug)]
pub(super) struct CloudReader {
    pub(super) object: Arc<Object>,
    pub(super) meta: ObjectMeta,
}

impl Fetch for CloudReader {
    fn fetch(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let range = offset..offset + buf.len() as u64;
        let (object, asked, tag) = (self.object.clone(), range.clone(), self.meta.e_tag.clone());
        let (meta, sent, bytes) = wait(async move {
            let options = GetOptions {
                range: Some(GetRange::Bounded(asked)),
                if_match: tag,
                ..GetOptions::default()
            };
            let answer = object.store.get_opts(&object.path, options).await?;
            let (meta, sent) = (answer.meta.clone(), answer.range.clone());
            Ok((meta, sent, answer.bytes().await?))
        })?;
        self.object
            .options
            .observer
            .tell(&self.object.url, range.clone(), "sent");
        if !is_same(&meta, &self.meta) {
            return Err(changed().into());
        }
        if sent != range || bytes.len() != buf.len() {
            return Err(Error::storage("other bytes than those that were asked for").into());
        }
        buf.copy_from_slice(&bytes);
        Ok(())
    }
}

impl ReadAt for CloudReader {
    fn len(&self) -> u64 {
        self.meta.size
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.fetch_many(parts)
    }

    fn access(&self) -> Access {
        Access::REMOTE
    }

    fn version(&self) -> Option<Version> {
        self.meta.e_tag.clone().map(Version::new)
    }

    fn has_changed(&self) -> bool {
        let now = self.object.head();
        now.is_ok_and(|now| !is_same(&now, &self.meta))
    }
}
