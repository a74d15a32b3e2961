//! Branding: name, colour and logo of a tenant, shown before anybody has signed in.

use event_manager::domain::Role;
use serde_json::json;

use crate::support::{Answer, Client, Tenant};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest of it";
const WEBP: &[u8] = b"RIFF\x10\0\0\0WEBPVP8 and the rest of it";

fn put_logo(client: &Client, kind: &str, bytes: &[u8]) -> Answer {
    client.raw("PUT", "/api/v1/settings/logo", &[("content-type", kind)], bytes)
}

fn logo_of(tenant: &Tenant) -> Answer {
    tenant.server.anonymous().get(&format!("/branding/logo?tenant={}", tenant.slug))
}

#[test]
fn what_a_tenant_shows_of_itself_is_told_to_whoever_asks() {
    let tenant = Tenant::new();
    let wanted = json!({"displayName": "The Fair", "accentColour": "#0F766E"});
    tenant.admin.patch("/settings", &wanted).expect(200);
    put_logo(&tenant.admin, "image/png", PNG).expect(204);
    let shown = tenant.server.anonymous().get(&format!("/branding?tenant={}", tenant.slug)).expect(200);
    assert_eq!(shown["displayName"], "The Fair");
    assert_eq!((&shown["accentColour"], &shown["onAccent"]), (&json!("#0f766e"), &json!("#ffffff")));
    let logo = logo_of(&tenant);
    assert_eq!(logo.etag(), format!("\"{}\"", shown["logo"].as_str().unwrap()));
}

#[test]
fn a_tenant_that_shows_nothing_and_one_that_does_not_exist_look_alike() {
    let tenant = Tenant::new();
    let anybody = tenant.server.anonymous();
    let names = [&*tenant.slug, "nobody-has-this", ""];
    let [known, unknown, none] =
        names.map(|slug| anybody.get(&format!("/branding?tenant={slug}")).expect(200));
    let nothing = json!({"displayName": null, "accentColour": null, "onAccent": null, "logo": null});
    assert_eq!((&known, &unknown, &none), (&nothing, &nothing, &nothing));
    assert_eq!(anybody.get("/branding").expect(200), nothing);
    for slug in names {
        let problem = anybody.get(&format!("/branding/logo?tenant={slug}")).expect_problem(404, "not_found");
        assert!(!problem["detail"].as_str().unwrap().contains("tenant"), "{problem}");
    }
}

#[test]
fn a_logo_is_served_as_what_it_is_and_again_only_when_it_has_changed() {
    let tenant = Tenant::new();
    for (kind, bytes) in
        [("image/png", PNG), ("image/webp", WEBP), ("image/jpeg", b"\xff\xd8\xff\xe0 and the rest")]
    {
        put_logo(&tenant.admin, "image/png", bytes).expect(204);
        let logo = logo_of(&tenant);
        assert_eq!((logo.status, &*logo.body), (200, bytes));
        assert_eq!(logo.header("content-type"), Some(kind));
        assert_eq!(logo.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(logo.header("cache-control"), Some("no-cache"));
        let path = format!("/branding/logo?tenant={}", tenant.slug);
        let again = tenant.server.anonymous().with_header("if-none-match", logo.etag()).get(&path);
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
}

#[test]
fn what_is_no_image_of_these_types_or_too_large_is_no_logo() {
    let tenant = Tenant::new();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    put_logo(&tenant.admin, "image/svg+xml", svg).expect_problem(415, "unsupported_media_type");
    put_logo(&tenant.admin, "image/png", svg).expect_problem(422, "invalid");
    put_logo(&tenant.admin, "image/png", b"").expect_problem(422, "invalid");
    let of_size = |bytes: usize| {
        let mut image = PNG.to_vec();
        image.resize(bytes, 0);
        image
    };
    put_logo(&tenant.admin, "image/png", &of_size(256 * 1024 + 1)).expect_problem(413, "too_large");
    assert_eq!(logo_of(&tenant).status, 404);
    put_logo(&tenant.admin, "image/png", &of_size(256 * 1024)).expect(204);
    assert_eq!(logo_of(&tenant).body.len(), 256 * 1024);
}

#[test]
fn a_logo_is_set_and_removed_by_admins_and_the_audit_log_tells() {
    let tenant = Tenant::new();
    let organizer = tenant.with_role(Role::Organizer);
    put_logo(&organizer, "image/png", PNG).expect_problem(403, "forbidden");
    organizer.delete("/settings/logo").expect_problem(403, "forbidden");
    put_logo(&tenant.admin, "image/png", PNG).expect(204);
    put_logo(&tenant.admin, "image/png", PNG).expect(204);
    tenant.admin.delete("/settings/logo").expect(204);
    tenant.admin.delete("/settings/logo").expect(204);
    assert_eq!(logo_of(&tenant).status, 404);
    let records = tenant.admin.get("/audit?limit=3").expect(200);
    let actions: Vec<&str> =
        records["items"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..2], ["tenant.logoRemoved", "tenant.logoSet"]);
    assert_ne!(actions[2], "tenant.logoSet");
}

#[test]
fn a_colour_that_is_lost_in_a_theme_is_refused_with_one_that_would_do() {
    let tenant = Tenant::new();
    for (colour, theme) in [("#ffff00", "light"), ("#000080", "dark")] {
        let answer = tenant.admin.patch("/settings", &json!({"accentColour": colour}));
        let problem = answer.expect_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/accentColour"]);
        let told = problem["errors"][0]["message"].as_str().unwrap();
        assert!(told.contains(&format!("to the {theme} background")) && told.contains(" : 1"), "{told}");
        let shade = told.rsplit_once("; ").unwrap().1.strip_suffix(" would do").unwrap();
        tenant.admin.patch("/settings", &json!({"accentColour": shade})).expect(200);
    }
    for nonsense in ["red", "#fff", "#0f766e;}", ""] {
        let answer = tenant.admin.patch("/settings", &json!({"accentColour": nonsense}));
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/accentColour"]);
    }
    let nameless = tenant.admin.patch("/settings", &json!({"displayName": ""}));
    nameless.expect_problem(422, "invalid");
    assert_eq!(nameless.pointers(), ["/displayName"]);
    let plain = tenant.admin.patch("/settings", &json!({"accentColour": null})).expect(200);
    assert_eq!(plain["accentColour"], json!(null));
}
