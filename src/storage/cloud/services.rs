//! The vendors' services: what the environment says of each, and what options say before it.

use std::ffi::OsString;
use std::str::FromStr;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{
    ClientConfigKey, ClientOptions, ObjectStore, RetryConfig, StaticCredentialProvider,
};

use super::super::{StoreOptions, Url};
use super::failed;
use crate::error::{Error, Result};

/// The service that an address leads to.
///
/// # Errors
/// `InvalidArgument` for credentials and settings that make no sense.
pub(super) fn build(url: &Url, options: &StoreOptions) -> Result<Arc<dyn ObjectStore>> {
    check_credentials(url)?;
    of_scheme(url, options).map_err(failed)
}

fn check_credentials(url: &Url) -> Result<()> {
    let Some((key, secret)) = url.credentials() else {
        return Ok(());
    };
    if url.scheme() != "s3" {
        return Err(Error::invalid(
            "credentials of this service are taken from the environment, and not from an address",
        ));
    }
    if key.is_empty() || secret.is_empty() {
        // Nothing that is signed so is ever let in.
        return Err(Error::invalid(
            "an address with a key takes its secret, too: s3://key:secret@bucket/…",
        ));
    }
    Ok(())
}

fn of_scheme(url: &Url, options: &StoreOptions) -> object_store::Result<Arc<dyn ObjectStore>> {
    let bucket = format!("{}://{}", url.scheme(), url.authority());
    let retry = RetryConfig {
        max_retries: options.max_retries as usize,
        ..Default::default()
    };
    Ok(match url.scheme() {
        "gs" => Arc::new(google(bucket, options).with_retry(retry).build()?),
        "az" => Arc::new(azure(bucket, options).with_retry(retry).build()?),
        _ => Arc::new(amazon(url, bucket, options).with_retry(retry).build()?),
    })
}

fn amazon(url: &Url, bucket: String, options: &StoreOptions) -> AmazonS3Builder {
    use AmazonS3ConfigKey as Key;
    let mut builder = AmazonS3Builder::from_env().with_url(bucket);
    if let Some(endpoint) = &options.endpoint {
        // Of two endpoints this one counts.
        builder = builder.with_config(Key::S3Endpoint, endpoint);
    }
    if options.anonymous {
        builder = builder.with_skip_signature(true);
    }
    if let Some((key, secret)) = url.credentials() {
        // Instead of all that the environment says of credentials: a token of its own would not go with these.
        let credential = AwsCredential {
            key_id: key.to_owned(),
            secret_key: secret.to_owned(),
            token: None,
        };
        let provider = StaticCredentialProvider::new(credential);
        builder = builder.with_credentials(Arc::new(provider));
        // Nor does what the environment says of asking without any.
        builder = builder.with_skip_signature(options.anonymous);
    }
    let endpoint = builder.get_config_value(&Key::S3Endpoint);
    let endpoint = endpoint.or_else(|| builder.get_config_value(&Key::Endpoint));
    let client = client_of(std::env::vars_os(), "AWS_", |key| match key {
        Key::Client(key) => Some(key),
        _ => None,
    });
    builder.with_client_options(with_options(client, endpoint.as_deref(), options))
}

fn google(bucket: String, options: &StoreOptions) -> GoogleCloudStorageBuilder {
    use GoogleConfigKey as Key;
    let mut builder = GoogleCloudStorageBuilder::from_env().with_url(bucket);
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    if options.anonymous {
        builder = builder.with_skip_signature(true);
    }
    let endpoint = builder.get_config_value(&Key::BaseUrl);
    let client = client_of(std::env::vars_os(), "GOOGLE_", |key| match key {
        Key::Client(key) => Some(key),
        _ => None,
    });
    builder.with_client_options(with_options(client, endpoint.as_deref(), options))
}

fn azure(container: String, options: &StoreOptions) -> MicrosoftAzureBuilder {
    use AzureConfigKey as Key;
    let mut builder = MicrosoftAzureBuilder::from_env().with_url(container);
    if let Some(endpoint) = &options.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    if options.anonymous {
        builder = builder.with_skip_signature(true);
    }
    let endpoint = builder.get_config_value(&Key::Endpoint);
    let client = client_of(std::env::vars_os(), "AZURE_", |key| match key {
        Key::Client(key) => Some(key),
        _ => None,
    });
    builder.with_client_options(with_options(client, endpoint.as_deref(), options))
}

/// What settings of a vendor say of connections: proxies, certificates and so on. The library beneath reads these, too, and
/// gives no way to change some of them.
fn client_of<K: FromStr>(
    settings: impl Iterator<Item = (OsString, OsString)>,
    prefix: &str,
    of_client: impl Fn(K) -> Option<ClientConfigKey>,
) -> ClientOptions {
    let mut client = ClientOptions::new();
    for (name, value) in settings {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
            continue;
        };
        if !name.starts_with(prefix) {
            continue;
        }
        let key = name.to_ascii_lowercase().parse::<K>().ok();
        if let Some(key) = key.and_then(&of_client) {
            client = client.with_config(key, value);
        }
    }
    client
}

/// The same with the timeouts of all stores. An endpoint that is given without TLS may be asked without.
fn with_options(
    client: ClientOptions,
    endpoint: Option<&str>,
    options: &StoreOptions,
) -> ClientOptions {
    let client = client
        .with_timeout_disabled()
        .with_connect_timeout(options.timeout)
        .with_read_timeout(options.timeout);
    match endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        true => client.with_allow_http(true),
        false => client,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ErrorKind;
    use crate::storage::Drivers;

    fn client(settings: &[(&str, &str)]) -> ClientOptions {
        let settings = settings.iter();
        let settings = settings.map(|(name, value)| (name.into(), value.into()));
        client_of(settings, "AWS_", |key| match key {
            AmazonS3ConfigKey::Client(key) => Some(key),
            _ => None,
        })
    }

    #[test]
    fn the_environment_is_kept_but_for_timeouts() {
        use ClientConfigKey as Key;
        let client = client(&[
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_PROXY_URL", "http://proxy"),
            ("AWS_TIMEOUT", "1s"),
            ("AWS_CONNECT_TIMEOUT", "1s"),
            ("AWS_POOL_IDLE_TIMEOUT", "3s"),
            ("AWS_REGION", "here"),
            ("AWS_NONSENSE", "1"),
            ("GOOGLE_PROXY_EXCLUDES", "host"),
        ]);
        let options = StoreOptions {
            timeout: Duration::from_secs(7),
            ..StoreOptions::default()
        };
        let client = with_options(client, Some("https://host"), &options);
        for (key, expected) in [
            (Key::AllowHttp, Some("true")),
            (Key::ProxyUrl, Some("http://proxy")),
            (Key::ProxyExcludes, None),
            (Key::PoolIdleTimeout, Some("3s")),
            (Key::Timeout, None),
            (Key::ConnectTimeout, Some("7s")),
            (Key::ReadTimeout, Some("7s")),
        ] {
            let value = client.get_config_value(&key);
            assert_eq!(value.as_deref(), expected, "{key:?}");
        }
    }

    #[test]
    fn only_what_is_named_without_tls_is_asked_without() {
        for (endpoint, expected) in [
            (None, "false"),
            (Some("https://host"), "false"),
            (Some("http://host"), "true"),
        ] {
            let client = with_options(client(&[]), endpoint, &StoreOptions::default());
            let value = client.get_config_value(&ClientConfigKey::AllowHttp);
            assert_eq!(value.as_deref(), Some(expected), "{endpoint:?}");
        }
    }

    #[test]
    fn credentials_that_make_no_sense_are_refused_of_objects_and_of_folders() {
        for start in [
            "s3://key@",
            "s3://key:@",
            "s3://:hidden@",
            "gs://a:b@",
            "az://a:b@",
        ] {
            let object = Url::parse(&format!("{start}bucket/key")).unwrap();
            let folder = Url::parse(&format!("{start}bucket/folder/")).unwrap();
            let drivers = Drivers::default();
            for error in [
                drivers.store_of(&object).unwrap_err(),
                drivers.list(&folder).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
                assert!(!error.to_string().contains("hidden"), "{error}");
            }
        }
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_no_failure_of_the_service() {
        let builder = AmazonS3Builder::new().with_url("s3://bucket");
        let builder = builder.with_client_options(client(&[("AWS_ALLOW_HTTP", "perhaps")]));
        let error = failed(builder.build().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}
