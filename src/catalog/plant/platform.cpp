// SPDX-License-Identifier: Apache-2.0

#include "catalog/plant/impl.h"

#include "base/format.h"

namespace karez::catalog {

using stores::SqlRow;
using stores::SqlSession;

Result<std::vector<model::LinkId>> PlantRegistry::all_links() const {
  return impl_->read<std::vector<model::LinkId>>([](SqlSession& session) -> Result<std::vector<model::LinkId>> {
    std::vector<model::LinkId> out;
    KZ_CHECK(session.query("SELECT id FROM plant_link ORDER BY id", {},
                           [&](const SqlRow& row) { out.push_back(id_at<model::LinkId>(row, 0)); }));
    return out;
  });
}

Result<PlantRegistry::LinkPlan> PlantRegistry::link_plan(model::LinkId id) const {
  return impl_->read<LinkPlan>([&](SqlSession& session) -> Result<LinkPlan> {
    LinkPlan plan;
    KZ_TRY(auto link, load_link(session, id));
    if (!link) return not_found("link");
    plan.link = std::move(*link);
    KZ_CHECK(
        session.query(karez::format("SELECT {} FROM plant_device d WHERE d.link = ?1 AND d.enabled = 1 ORDER BY d.id",
                                    kDeviceColumns),
                      {sql_id(id)}, [&](const SqlRow& row) { plan.devices.push_back(read_device(row)); }));
    KZ_CHECK(session.query(karez::format("SELECT {} FROM plant_device d JOIN plant_point p ON p.device = d.id "
                                         "WHERE d.link = ?1 AND d.enabled = 1 AND p.enabled = 1 ORDER BY p.id",
                                         kPointColumns),
                           {sql_id(id)}, [&](const SqlRow& row) { plan.points.push_back(read_point(row)); }));
    return plan;
  });
}

Result<PlantRegistry::Totals> PlantRegistry::totals(model::TenantId tenant) const {
  return impl_->read<Totals>([&](SqlSession& session) -> Result<Totals> {
    Totals out;
    const auto number = [&](std::string_view table, std::uint64_t& into) -> Result<> {
      KZ_TRY(const auto n,
             count(session, karez::format("SELECT count(*) FROM {} WHERE tenant = ?1", table), {sql_id(tenant)}));
      into = static_cast<std::uint64_t>(n);
      return {};
    };
    KZ_CHECK(number("plant_device", out.devices));
    KZ_CHECK(number("plant_point", out.points));
    KZ_CHECK(number("plant_link", out.links));
    KZ_CHECK(number("plant_equipment", out.equipment));
    return out;
  });
}

}  // namespace karez::catalog
