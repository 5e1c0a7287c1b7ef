# SPDX-License-Identifier: Apache-2.0
"""Tenants, equipment, links, devices, points: life of a resource, ETags, pages, bodies."""

import pytest


def modbus_link(name, port=1):
    return {"name": name, "driver": "modbus", "config": {"host": "127.0.0.1", "port": port}}


@pytest.fixture(scope="module")
def drivers(owner):
    return {d["id"]: d for d in owner.get("drivers").json()["items"]}


@pytest.fixture(scope="module")
def device(owner, site, drivers):
    if "modbus" not in drivers:
        pytest.skip("no modbus driver in this build")
    made = owner.post("devices/wizard", {
        "link": {"new": modbus_link("Wizard link")},
        "device": {"name": "Filler 1", "class": "production_equipment", "equipment": site, "origin": "simulated"},
        "points": [{"name": f"T{i}", "address": f"hr:{i}", "type": "double", "unit": "Cel"} for i in range(1, 13)]})
    assert made.json()["points_created"] == 12
    return made.json()["device"]


def test_version_metrics_and_readiness(owner):
    assert owner.get("/api/v1/version").json()["name"] == "karez"
    assert "karez_http_requests_total" in owner.get("/metrics").text
    assert owner.get("/readyz").json()["ready"]


def test_set_up_happens_once(owner):
    again = {"name": "x", "industry": "C", "region": "370200", "site_name": "y", "time_zone": "UTC"}
    assert owner.change("PUT", f"/api/v1/t/{owner.tenant}", again, 409).json()["slug"] == "tenant.already_set_up"
    assert owner.get("/api/v1/session").json()["needs_enterprise"] is False


def test_wrong_master_data_is_named_field_by_field(owner):
    body = {"uscc": "91370200264581234X", "industry": "Z", "region": "000000"}
    problem = owner.change("PATCH", f"/api/v1/t/{owner.tenant}", body, 400).json()
    assert {e["pointer"] for e in problem["errors"]} == {"/uscc", "/industry", "/region"}


def test_equipment_lives(owner, site):
    made = owner.post("equipment", {"parent": site, "level": "area", "name": "灌装车间"})
    path = made.headers["location"]
    assert [s["level"] for s in made.json()["path"]] == ["enterprise", "site"]
    assert owner.change("PATCH", path, {"description": "三条线"}).json()["description"] == "三条线"
    assert [e["name"] for e in owner.get("equipment", params={"q": "灌装"}).json()["items"]] == ["灌装车间"]
    wrong = owner.post("equipment", {"parent": made.json()["id"], "level": "site", "name": "x"}, 400).json()
    assert wrong["pointer"] == "/level"
    owner.change("DELETE", path, status=204)
    owner.get(path, 404)


def test_a_stale_etag_is_412_and_a_missing_one_428(owner, site):
    path = owner.post("equipment", {"parent": site, "level": "area", "name": "etag"}).headers["location"]
    old = owner.get(path).headers["etag"]
    owner.change("PATCH", path, {"description": "first"}, etag=old)
    assert owner.change("PATCH", path, {"description": "second"}, 412, etag=old).json()["slug"] == "registry.stale"
    assert owner.call("PATCH", path, {"description": "second"}, 428).json()["slug"] == "request.precondition"
    owner.change("PATCH", path, {"description": "second"}, 412, etag='"nonsense"')
    owner.change("PATCH", path, {"description": "third"}, etag="*")
    owner.change("DELETE", path, status=412, etag=old)
    owner.change("DELETE", path, status=204)


def test_drivers_describe_their_forms(drivers):
    assert drivers
    for driver in drivers.values():
        assert driver["link_schema"]["type"] == "object"


def test_link_lives_and_keeps_its_secrets(owner, drivers):
    for driver in drivers.values():
        secret = next((n for n, s in driver["link_schema"]["properties"].items() if s.get("format") == "password"), None)
        if secret:
            break
    else:
        pytest.skip("no driver with a secret in this build")
    config = {secret: "s3cret"}
    for name in driver["link_schema"].get("required", []):
        schema = driver["link_schema"]["properties"][name]
        config.setdefault(name, schema.get("examples", [schema.get("default", "x")])[0] if schema.get("examples") else schema.get("default", "localhost"))
    made = owner.post("links", {"name": "Secret link", "driver": driver["id"], "config": config, "enabled": False})
    assert "s3cret" not in made.text
    assert made.json()["secrets_set"] == ["/" + secret]
    path = made.headers["location"]
    changed = owner.change("PATCH", path, {"config": {}, "name": "Renamed"}).json()
    assert changed["secrets_set"] == ["/" + secret] and changed["name"] == "Renamed"
    assert owner.change("PATCH", path, {"config": {secret: None}}).json()["secrets_set"] == []
    owner.get(path + "/stats")
    owner.change("DELETE", path, status=204)


def test_link_can_be_switched_on_and_off(owner, device):
    path = f"links/{device['link']}"
    assert owner.call("POST", path + "/disable", status=200).json()["state"] == "disabled"
    assert owner.call("POST", path + "/disable", status=200).json()["enabled"] is False
    assert owner.call("POST", path + "/enable", status=200).json()["enabled"] is True
    assert owner.change("DELETE", path, status=409).json()["slug"] == "registry.in_use"


def test_wrong_bodies_name_every_fault(owner, site):
    body = {"link": {"new": {"name": "", "driver": "nope", "config": {}, "x": 1}},
            "device": {"name": "d", "class": "spaceship", "equipment": site},
            "points": [{"name": "a", "address": "hr:1", "type": "double"}, {"name": "b", "type": "float", "y": None}]}
    problem = owner.post("devices/wizard", body, 400).json()
    found = {(e["pointer"], e["slug"]) for e in problem["errors"]}
    assert ("/link/new/name", "request.length") in found
    assert ("/link/new/driver", "request.choice") in found
    assert ("/link/new/x", "request.unknown_member") in found
    assert ("/device/class", "request.choice") in found
    assert ("/points/1/address", "request.required") in found
    assert ("/points/1/type", "request.choice") in found
    assert ("/points/1/y", "request.unknown_member") in found


def test_every_fault_the_registry_finds_is_told_where_it_lies(owner, device, site):
    link = owner.get(f"links/{device['link']}").json()
    place = {"class": "production_equipment", "equipment": site}
    point = {"address": "hr:1", "type": "double"}
    body = {"link": {"new": modbus_link(link["name"])}, "device": {"name": "new", **place, "equipment": "e999999"},
            "points": [{"name": "twice", **point}, {"name": "twice", **point}]}
    problem = owner.post("devices/wizard", body, 409).json()
    assert {e["pointer"] for e in problem["errors"]} == {"/link/new/name", "/device/equipment", "/points/1/name"}
    taken = {"name": device["name"], "link": device["link"], **place}
    alone = owner.post("devices", taken, 409).json()
    assert (alone["slug"], alone["pointer"]) == ("registry.duplicate_name", "/name")
    both = owner.post("devices", {**taken, "equipment": "e999999"}, 409).json()
    assert {e["pointer"] for e in both["errors"]} == {"/name", "/equipment"}


def test_names_are_measured_in_characters(owner, site):
    made = owner.post("equipment", {"parent": site, "level": "area", "name": "温" * 200})
    assert made.json()["name"] == "温" * 200
    owner.change("DELETE", made.headers["location"], status=204)


def test_cursors_of_long_keys_are_taken(owner, device, site):
    other = owner.post("devices", {"name": "long keys", "class": "production_equipment", "link": device["link"], "equipment": site}).json()
    rows = [{"device": other["id"], "name": f"{'长' * 198}{i}", "address": f"hr:{i}", "type": "double"} for i in range(1, 4)]
    assert owner.post("points", rows, 200).json()["created"] == 3
    first = owner.get("points", params={"device": other["id"], "limit": 1}).json()
    assert len(first["next_cursor"]) > 512
    second = owner.get("points", params={"device": other["id"], "limit": 1, "cursor": first["next_cursor"]}).json()
    assert second["items"][0]["name"].endswith("2")
    owner.change("DELETE", f"devices/{other['id']}", status=204)


def test_device_list_joins_state_and_filters(owner, device):
    row = next(d for d in owner.get("devices", params={"q": "filler"}).json()["items"] if d["id"] == device["id"])
    assert row["total_points"] == 12 and row["good_points"] == 0
    states = "disabled,connecting,online,degraded,offline,backoff"
    assert owner.get("devices", params={"state": states, "class": "production_equipment", "driver": "modbus"}).json()["total"] >= 1
    assert owner.get("devices", params={"class": "gateway"}).json()["total"] == 0
    assert owner.get("devices", params={"state": "sleeping"}, status=400).json()["pointer"] == "?state"
    assert owner.get("devices", params={"sort": "colour"}, status=400).json()["pointer"] == "?sort"


def test_pages_are_complete_and_without_repeats(owner, device):
    seen, cursor = [], None
    for _ in range(10):
        params = {"device": device["id"], "limit": 5, "sort": "name"} | ({"cursor": cursor} if cursor else {})
        page = owner.get("points", params=params).json()
        assert page["total"] == 12
        seen += [p["name"] for p in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [f"T{i}" for i in range(1, 13)]  # natural order: T2 before T10
    for bad in ["x", "999999999999999999999", "AAAA"]:
        assert owner.get("points", params={"cursor": bad}, status=400).json()["pointer"] == "?cursor"
    for bad in ["0", "1001", "-1", "x", "1.5"]:
        assert owner.get("points", params={"limit": bad}, status=400).json()["pointer"] == "?limit"


def test_points_in_rows_all_or_none_or_the_good_ones(owner, device):
    rows = [{"device": device["id"], "name": "new 1", "address": "hr:100", "type": "double"},
            {"device": device["id"], "name": "T1", "address": "hr:101", "type": "double"},
            {"device": device["id"], "name": "new 2", "address": "???", "type": "double"}]
    answer = owner.post("points", rows, 200).json()
    assert (answer["rows_ok"], answer["rows_bad"], answer["created"]) == (1, 2, 0)
    assert answer["results"][1]["errors"][0]["slug"] == "registry.duplicate_name"
    answer = owner.post("points", rows, 200, params={"skip_bad": "true", "dry_run": "true"}).json()
    assert answer["created"] == 0
    answer = owner.post("points", rows, 200, params={"skip_bad": "true"}).json()
    assert answer["created"] == 1 and answer["results"][0]["id"]


def test_point_lives(owner, device):
    point = owner.get("points", params={"device": device["id"], "q": "T5"}).json()["items"][0]
    path = f"points/{point['id']}"
    changed = owner.change("PATCH", path, {"unit": "kPa", "precision": 2, "limit_high": 5.5, "expected_interval_ms": 1000}).json()
    assert (changed["unit"], changed["precision"], changed["limit_high"]) == ("kPa", 2, 5.5)
    assert owner.change("PATCH", path, {"limit_high": None, "precision": None}).json()["limit_high"] is None
    assert owner.change("PATCH", path, {"unit": "parsnips"}, 400).json()["errors"][0]["pointer"] == "/unit"
    assert owner.change("PATCH", path, {"type": "bool"}, 400).json()["errors"][0]["slug"] == "request.unknown_member"
    refused = owner.call("POST", path + "/write", {"value": 1.5}, 200).json()
    assert refused["result"] == "refused" and refused["slug"] == "point.read_only"
    owner.change("DELETE", path, status=204)
    owner.get(path, 404)


def test_points_go_out_and_in_as_csv(owner, device, site):
    text = owner.get("points/export", params={"device": device["id"]}).text
    assert text.startswith("\ufeffname,description,address,type")
    other = owner.post("devices", {"name": "Filler 2", "class": "production_equipment", "link": device["link"], "equipment": site}).json()
    send = {"content": text.encode(), "headers": {"Content-Type": "text/csv"}}
    dry = owner.post("points/import", status=200, params={"device": other["id"], "dry_run": "true"}, **send).json()
    assert dry["created"] == 0 and dry["rows_ok"] >= 11 and not dry["errors"]
    done = owner.post("points/import", status=200, params={"device": other["id"]}, **send).json()
    assert done["created"] == dry["rows_ok"]
    bad = "name,address,type,unit\nok,hr:500,double,\n,hr:501,double,\nx,hr:502,float,nope\n"
    report = owner.post("points/import", status=200, params={"device": other["id"]}, content=bad.encode(), headers={"Content-Type": "text/csv"}).json()
    assert report["created"] == 0 and report["rows_bad"] == 2
    assert [(e["line"], e["column"]) for e in report["errors"]] == [(3, "name"), (4, "type"), (4, "unit")]
    numbers = "name,address,type,scale,offset,precision\na,hr:503,double,05,,\nb,hr:504,double,,1.,\nc,hr:505,double,,-inf,\nd,hr:506,double,1e3,-0.5,2\n"
    report = owner.post("points/import", status=200, params={"device": other["id"], "dry_run": "true"}, content=numbers.encode(), headers={"Content-Type": "text/csv"}).json()
    assert [(e["line"], e["column"], e["slug"], e["value"]) for e in report["errors"]] == [
        (2, "scale", "request.type", '05'), (3, "offset", "request.type", '1.'), (4, "offset", "request.type", '-inf')]
    assert report["rows_ok"] == 1
    header = owner.post("points/import", status=400, params={"device": other["id"]}, content=b"nome,address\n", headers={"Content-Type": "text/csv"})
    assert header.json()["slug"] == "csv.header"
    owner.post("points/import", status=415, params={"device": other["id"]}, content=b"x", headers={"Content-Type": "text/plain"})


def test_rows_without_a_type_get_that_of_their_address(owner, device, site):
    made = owner.post("devices", {"name": "Filler 3", "class": "production_equipment", "link": device["link"], "equipment": site}).json()
    assert made["origin"] == "real"
    rows = "name,address,type,scale\na,hr:1,,\nb,hr:2,,0.1\nc,hr:3:f32,,\nd,co:1,,\ne,hr:5,double,\n"
    report = owner.post("points/import", status=200, params={"device": made["id"]}, content=rows.encode(), headers={"Content-Type": "text/csv"}).json()
    assert report["created"] == 5, report
    types = {p["name"]: p["type"] for p in owner.get("points", params={"device": made["id"]}).json()["items"]}
    assert types == {"a": "int64", "b": "double", "c": "double", "d": "bool", "e": "double"}


def test_the_wizard_takes_a_file_of_points(owner, site, drivers):
    body = {"link": {"new": modbus_link("CSV link")}, "device": {"name": "From a file", "class": "production_equipment", "equipment": site},
            "points": [], "points_csv": "name,address\na,hr:1\n\nb,nonsense\n"}
    wrong = owner.post("devices/wizard", body, 400).json()["errors"]
    assert [(e["pointer"], e["line"]) for e in wrong] == [("/points/1/address", 4)]
    wrong = owner.post("devices/wizard", {**body, "points_csv": "nome\n"}, 400).json()["errors"]
    assert [(e["pointer"], e["slug"]) for e in wrong] == [("/points_csv", "csv.header")]
    assert owner.get("links", params={"q": "CSV link"}).json()["total"] == 0
    made = owner.post("devices/wizard", {**body, "points_csv": "name,address\na,hr:1\n"}).json()
    assert made["points_created"] == 1 and made["device"]["origin"] == "real"


@pytest.mark.parametrize("language, words", [("en", "0 to 90"), ("zh", "0 到 90")])
def test_a_write_outside_the_limits_is_refused(language, words, owner, device, site):
    made = owner.post("devices", {"name": f"Limits {language}", "class": "production_equipment", "link": device["link"], "equipment": site}).json()
    point = {"device": made["id"], "name": "setpoint", "address": "hr:9", "type": "double", "scale": 0.1, "access": "read_write", "limit_low": 0, "limit_high": 90}
    path = f"points/{owner.post('points', [point], 200).json()['results'][0]['id']}/write"
    for value in (200, -1):
        problem = owner.call("POST", path, {"value": value}, 400, headers={"Accept-Language": language}).json()
        assert problem["slug"] == "write.out_of_limits" and words in problem["detail"], problem
        assert problem["errors"][0]["expected"] == words
    assert owner.call("POST", path, {"value": 90}, 200).json()["slug"] != "write.out_of_limits"


def test_addresses_are_judged_without_a_connection(owner, drivers):
    if "modbus" not in drivers:
        pytest.skip("no modbus driver in this build")
    report = owner.call("POST", "drivers/modbus/validate", {"addresses": ["hr:1", "nonsense"]}, 200).json()
    assert report["items"][0]["ok"] and not report["items"][1]["ok"] and report["bad"] == 1
    owner.call("POST", "drivers/none/validate", {"addresses": ["x"]}, 404)


def test_a_link_is_tried_before_it_is_saved(owner, drivers):
    if "modbus" not in drivers:
        pytest.skip("no modbus driver in this build")
    report = owner.call("POST", "drivers/modbus/test", {"link": {"host": "127.0.0.1", "port": 1}}, 200).json()
    assert not report["ok"] and report["steps"][-1]["slug"]
    problem = owner.call("POST", "drivers/modbus/test", {"link": {"host": "127.0.0.1"}, "link_id": "l1"}, 400).json()
    assert problem["errors"][0]["slug"] == "request.one_of"
    owner.call("POST", "drivers/modbus/browse", {"link": {"host": "127.0.0.1"}}, 501)


def test_search_overview_events_and_evidence(owner, device):
    groups = {g["kind"]: g for g in owner.get("search", params={"q": "fill"}).json()["groups"]}
    assert "devices" in groups
    overview = owner.get("overview").json()
    assert overview["devices"]["total"] == owner.get("devices").json()["total"]
    points = overview["points"]
    assert points["good"] + points["uncertain"] + points["bad"] + points["never"] == points["total"]
    assert any(s["link"] == device["link"] for s in overview["sources"])
    owner.get("events", params={"kind": "connection", "active": "true"})
    answer = owner.get("evidence", params={"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}).json()
    assert any(w["kind"] == "logins" for w in answer["windows"])


def test_device_with_points_goes_away_as_a_whole(owner, device, site):
    path = f"devices/{device['id']}"
    assert owner.change("PATCH", path, {"manufacturer": "KHS"}).json()["manufacturer"] == "KHS"
    owner.change("DELETE", path, status=204)
    assert owner.get("points", params={"device": device["id"]}).json()["total"] == 0
