//! The ways out of the box, built from the configuration.

use std::{fs, path::Path, sync::Arc};

use url::Url;

use super::ApplianceError;
use crate::{
    config::{Config, MailSecurity, Outbound, Secret, SmsProtocol, StorageProvider, StorageRules, VirusScan},
    domain::OutboundService,
    integrations::{
        CallIds, HttpClient, HttpRequest, HttpRules, Reach,
        email::{DkimSettings, Login, Relay, RelaySettings, Security},
        otlp::{Collector, CollectorSettings},
        redis::{RedisPeer, RedisSettings},
        sms::{Gateway, GatewaySettings, Protocol},
        storage::{
            AzureSettings, GcsAccess, GcsSettings, Provider, S3Settings, SendHttp, StorageLimits,
            StorageSettings, StorageTarget,
        },
        virus_scan::{Clamd, ClamdSettings, HttpScanner, HttpScannerSettings, Scanner},
    },
    jobs::{Fallback, MailPort, SmsPort, StoragePort, Ways},
    service::{DeliveriesKept, OutsideSetUp},
    telemetry::{otlp::Signal, spawn},
};

/// Where Twilio is.
const TWILIO: &str = "https://api.twilio.com";

/// The ways out of the box.
pub(super) struct Outside {
    /// The one client that calls HTTP interfaces.
    pub http: HttpClient,
    /// Mail, if it is set up.
    pub mail: Option<MailPort>,
    /// Object storage, if it is set up.
    pub storage: Option<StoragePort>,
    /// Text messages, if they are set up.
    pub sms: Option<SmsPort>,
    /// The scanner for viruses, if one is set up.
    pub scanner: Option<Arc<dyn Scanner>>,
    /// Where events are mirrored, if that is set up.
    pub redis: Option<Arc<RedisPeer>>,
    /// Whether results are mirrored there, too.
    pub results_mirrored: bool,
    /// Where traces and logs are exported to, if that is set up.
    pub collector: Option<Arc<Collector>>,
    /// What of it.
    pub exported: Vec<Signal>,
}

impl Outside {
    /// As configured.
    pub(super) fn build(config: &Config) -> Result<Self, ApplianceError> {
        let http = http_client(&config.outbound)?;
        let (sms, storage) = (sms(config, &http)?, storage(config, &http)?);
        let scanner = scanner(&config.virus_scan, &http)?;
        let (redis, results_mirrored) = (redis(config)?, config.redis.results);
        let (mail, collector) = (mail(config)?, collector(config, &http)?);
        let wanted = [(Signal::Traces, config.otlp.traces), (Signal::Logs, config.otlp.logs)];
        let exported = wanted.into_iter().filter_map(|(signal, wanted)| wanted.then_some(signal)).collect();
        Ok(Self { http, mail, sms, storage, scanner, redis, results_mirrored, collector, exported })
    }

    /// What of it use cases need to know.
    pub(super) fn set_up(&self, config: &Config) -> OutsideSetUp {
        let mail = self.mail.iter().flat_map(|mail| &mail.relays.ways).map(|relay| relay.key());
        let storage =
            self.storage.iter().flat_map(|storage| &storage.targets.ways).map(|target| target.key());
        let sms = self.sms.iter().map(|sms| sms.gateway.key().to_owned());
        let scanner = self.scanner.iter().map(|scanner| scanner.key());
        let redis = self.redis.iter().map(|redis| redis.key());
        let collector = self.collector.iter().map(|collector| collector.key().to_owned());
        let targets: [(OutboundService, Vec<String>); 6] = [
            (OutboundService::Email, mail.collect()),
            (OutboundService::Storage, storage.collect()),
            (OutboundService::Sms, sms.collect()),
            (OutboundService::VirusScan, scanner.collect()),
            (OutboundService::Redis, redis.collect()),
            (OutboundService::Otlp, collector.collect()),
        ];
        let reports_signed = self.sms.is_some() && reports(config);
        OutsideSetUp {
            files_stored: self.storage.is_some() && config.storage.files,
            targets: targets.into_iter().filter(|(_, keys)| !keys.is_empty()).collect(),
            sms_reports_signed_with: config.sms.token.clone().filter(|_| reports_signed),
            public_url: config.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
            attempt_limits: config.outbound.attempt_limits(),
            kept: DeliveriesKept { over: config.outbound.kept(), dead: config.outbound.dead_kept() },
        }
    }
}

/// Whether everything outside can be called as it is set. Calls nothing.
///
/// # Errors
/// Why it cannot.
pub fn ensure_outside(config: &Config) -> Result<(), ApplianceError> {
    Outside::build(config).map(drop)
}

fn outside(error: &dyn std::fmt::Display) -> ApplianceError {
    ApplianceError::Outside(error.to_string())
}

fn read(file: &Path) -> Result<String, ApplianceError> {
    fs::read_to_string(file).map_err(|error| outside(&format_args!("{}: {error}", file.display())))
}

fn authorities(outbound: &Outbound) -> Result<Option<String>, ApplianceError> {
    outbound.authorities_file.as_deref().map(read).transpose()
}

pub(super) fn http_client(outbound: &Outbound) -> Result<HttpClient, ApplianceError> {
    HttpClient::new(HttpRules {
        tenant_networks: outbound.tenant_networks.clone(),
        tenant_https_only: outbound.tenant_https_only,
        extra_authorities_pem: authorities(outbound)?,
        user_agent: format!("event-manager/{}", env!("CARGO_PKG_VERSION")),
    })
    .map_err(|error| outside(&error))
}

/// An address that the operator has set under a key, if it may be asked at all.
fn address(http: &HttpClient, key: &str, text: &str) -> Result<Url, ApplianceError> {
    let told = |error: &dyn std::fmt::Display| outside(&format_args!("{key}: {error}"));
    let url = Url::parse(text).map_err(|error| told(&error))?;
    http.check(&url, Reach::Operator).map_err(|failure| told(&failure.detail))?;
    Ok(url)
}

fn scanner(config: &VirusScan, http: &HttpClient) -> Result<Option<Arc<dyn Scanner>>, ApplianceError> {
    match (&config.address, &config.url) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => {
            Err(outside(&"virus_scan.address and virus_scan.url name a scanner each: set one"))
        }
        (Some(address), None) => {
            let address = address.as_str().parse();
            let address = address.map_err(|error| outside(&format_args!("virus_scan.address: {error}")))?;
            Ok(Some(Arc::new(Clamd::new(ClamdSettings {
                connect_limit: config.connect_limit(),
                total_limit: config.total_limit(),
                ..ClamdSettings::new(address)
            }))))
        }
        (None, Some(url)) => {
            let url = address(http, "virus_scan.url", url.as_str())?;
            let settings = HttpScannerSettings {
                authorization: config.token.as_ref().map(|token| format!("Bearer {}", token.expose())),
                connect_limit: config.connect_limit(),
                total_limit: config.total_limit(),
                file_limit: usize::try_from(config.bytes_max()).unwrap_or(usize::MAX),
                ..HttpScannerSettings::new(url)
            };
            let client = http.clone();
            let send = move |request: &HttpRequest, ids: &CallIds| client.send(request, ids);
            Ok(Some(Arc::new(HttpScanner::new(settings, Arc::new(send)))))
        }
    }
}

fn redis(config: &Config) -> Result<Option<Arc<RedisPeer>>, ApplianceError> {
    let Some(url) = &config.redis.url else { return Ok(None) };
    let settings = RedisSettings {
        password: config.redis.password.as_ref().map(|password| password.expose().to_owned()),
        prefix: config.redis.prefix.as_str().to_owned(),
        ..RedisSettings::new(url.as_str())
    };
    let peer = settings
        .trusting(authorities(&config.outbound)?.as_deref())
        .and_then(RedisPeer::new)
        .map_err(|error| outside(&format_args!("redis.url: {error}")))?;
    Ok(Some(Arc::new(peer)))
}

fn collector(config: &Config, http: &HttpClient) -> Result<Option<Arc<Collector>>, ApplianceError> {
    let Some(endpoint) = &config.otlp.endpoint else { return Ok(None) };
    address(http, "otlp.endpoint", endpoint.as_str())?;
    let settings = CollectorSettings {
        endpoint: endpoint.as_str().to_owned(),
        headers: config.otlp.headers.as_ref().map(|headers| headers.expose().to_owned()).unwrap_or_default(),
        connect_limit: config.otlp.connect_limit(),
        total_limit: config.otlp.total_limit(),
    };
    let collector = Collector::new(http.clone(), settings).map_err(|error| outside(&error))?;
    Ok(Some(Arc::new(collector)))
}

fn mail(config: &Config) -> Result<Option<MailPort>, ApplianceError> {
    let (first, second) = (&config.email, &config.email_second);
    let Some(host) = &first.host else { return Ok(None) };
    let from = first
        .from
        .as_ref()
        .ok_or_else(|| outside(&"email.from is missing: the address that mail comes from"))?;
    let signatures = match (&first.dkim_domain, &first.dkim_selector, &first.dkim_key_file) {
        (None, None, None) => Vec::new(),
        (Some(domain), Some(selector), Some(file)) => vec![DkimSettings {
            domain: domain.as_str().to_owned(),
            selector: selector.as_str().to_owned(),
            key_pem: read(file)?,
        }],
        _ => {
            return Err(outside(
                &"dkim_domain, dkim_selector and dkim_key_file go together: set all or none",
            ));
        }
    };
    let trusted = authorities(&config.outbound)?;
    let relay = |host: &str, port: u32, security, login: Option<Login>| {
        let port = u16::try_from(port).unwrap_or(u16::MAX);
        let settings = RelaySettings {
            login,
            client_name: first.client_name.as_str().to_owned(),
            extra_authorities_pem: trusted.clone(),
            dkim: signatures.clone(),
            ..RelaySettings::new(host, port, security_of(security))
        };
        let relay =
            Relay::new(settings).map_err(|error| outside(&format_args!("the mail relay {host}: {error}")))?;
        relay
            .check_sender(&from.to_string())
            .map_err(|error| outside(&format_args!("email.from: {error}")))?;
        Ok::<_, ApplianceError>(Arc::new(relay))
    };
    let mut relays = vec![relay(
        host.as_str(),
        first.port.get(),
        first.security,
        login(first.user.as_ref(), first.password.as_ref()),
    )?];
    if let Some(host) = &second.host {
        let login = login(second.user.as_ref(), second.password.as_ref());
        relays.push(relay(host.as_str(), second.port.get(), second.security, login)?);
    }
    Ok(Some(MailPort {
        relays: Ways { service: OutboundService::Email, fallback: Fallback::SecondRelay, ways: relays },
        from: from.to_string(),
        from_name: first.from_name.as_str().to_owned(),
        zone: zone(),
    }))
}

/// The object stores, in the order in which they are tried. Their addresses are the operator's: any that is not a cloud's
/// own metadata.
pub(super) fn storage(config: &Config, http: &HttpClient) -> Result<Option<StoragePort>, ApplianceError> {
    let rules = [("storage", config.storage.rules()), ("storage_second", config.storage_second.rules())];
    let rules = rules.into_iter().filter_map(|(section, rules)| Some((section, rules?)));
    let targets = rules.map(|(section, rules)| {
        if let Some(endpoint) = rules.endpoint {
            address(http, &format!("{section}.endpoint"), endpoint)?;
        }
        let (http, name) = (http.clone(), rules.bucket.to_owned());
        let send: SendHttp = Arc::new(move |request, ids| http.send(request, ids));
        let settings = StorageSettings {
            provider: provider(&rules)?,
            prefix: rules.prefix.to_owned(),
            reach: Reach::Operator,
            limits: StorageLimits::default(),
        };
        // The library works in a runtime of its own, which must not end within this one.
        let made = spawn::spawn_thread("storage", move || StorageTarget::new(settings, send));
        let made = made.map_err(|error| outside(&error))?.join();
        let made =
            made.map_err(|_| outside(&format_args!("the storage {name} cannot be used as it is set")))?;
        let target = made.map_err(|error| outside(&format_args!("the storage {name}: {error}")))?;
        Ok::<_, ApplianceError>(Arc::new(target))
    });
    let ways = targets.collect::<Result<Vec<_>, _>>()?;
    let targets = Ways { service: OutboundService::Storage, fallback: Fallback::NextTarget, ways };
    Ok((!targets.ways.is_empty()).then_some(StoragePort { targets }))
}

fn provider(rules: &StorageRules<'_>) -> Result<Provider, ApplianceError> {
    let missing =
        |what: &str| outside(&format_args!("storage: {what} is missing for the bucket {}", rules.bucket));
    let secret =
        || rules.secret_key.map(|secret| secret.expose().to_owned()).ok_or_else(|| missing("secret_key"));
    let access = || rules.access_key.map(ToOwned::to_owned).ok_or_else(|| missing("access_key"));
    let endpoint = rules.endpoint.map(ToOwned::to_owned);
    let bucket = rules.bucket.to_owned();
    Ok(match rules.provider {
        StorageProvider::S3 => Provider::S3(S3Settings {
            endpoint,
            region: rules.region.to_owned(),
            bucket,
            access_key: access()?,
            secret_key: secret()?,
            path_style: rules.path_style,
            checksums: true,
        }),
        StorageProvider::Azure => Provider::Azure(AzureSettings {
            account: access()?,
            container: bucket,
            access_key: secret()?,
            endpoint,
        }),
        StorageProvider::Gcs => {
            Provider::Gcs(GcsSettings { bucket, access: GcsAccess::ServiceAccount(secret()?), endpoint })
        }
    })
}

/// The time zone of the machine.
fn zone() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}

/// Whether the provider of text messages reports in a way that can be told from forgeries.
fn reports(config: &Config) -> bool {
    config.sms.provider == SmsProtocol::Twilio
}

fn sms(config: &Config, http: &HttpClient) -> Result<Option<SmsPort>, ApplianceError> {
    let set = &config.sms;
    if !set.is_set_up() {
        return Ok(None);
    }
    let text = |line: &Option<crate::config::Line>, otherwise: &str| {
        line.as_ref().map_or(otherwise, crate::config::Line::as_str).to_owned()
    };
    if let Some(url) = &set.url {
        address(http, "sms.url", url.as_str())?;
    }
    let settings = GatewaySettings {
        protocol: match set.provider {
            SmsProtocol::Twilio => Protocol::Twilio,
            SmsProtocol::Generic => Protocol::Generic,
        },
        url: text(&set.url, TWILIO),
        account: text(&set.account, ""),
        token: set.token.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default(),
        from: text(&set.from, ""),
    };
    let gateway = Gateway::new(http.clone(), settings)
        .map_err(|error| outside(&format_args!("the provider of text messages in [sms]: {error}")))?;
    Ok(Some(SmsPort { gateway: Arc::new(gateway), zone: zone() }))
}

fn login(user: Option<&crate::config::Line>, password: Option<&Secret>) -> Option<Login> {
    let user = user?.as_str().to_owned();
    Some(Login { user, password: password.map(|secret| secret.expose().to_owned()).unwrap_or_default() })
}

const fn security_of(security: MailSecurity) -> Security {
    match security {
        MailSecurity::StartTls => Security::StartTls,
        MailSecurity::Tls => Security::Tls,
        MailSecurity::Plain => Security::Plain,
    }
}
