//! Types that stand under keys; each allows only what makes sense. They use nothing but the setting trait.

mod base_path;
mod line;
mod log_filter;
mod mail_security;
mod network;
mod public_url;
mod secret;
mod sms_protocol;
mod storage_provider;
mod whole;

pub use base_path::BasePath;
pub use line::Line;
pub use log_filter::LogFilter;
pub use mail_security::MailSecurity;
pub use network::Network;
pub use public_url::PublicUrl;
pub use secret::Secret;
pub use sms_protocol::SmsProtocol;
pub use storage_provider::StorageProvider;
pub use whole::Whole;
