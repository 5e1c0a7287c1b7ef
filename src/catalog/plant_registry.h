// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/plant.h"
#include "model/point_registry.h"
#include "model/scope.h"
#include "stores/entry_sink.h"
#include "stores/sql_store.h"

/// Tenants, equipment tree, links, devices and points: the asset registry. It owns their tables.
namespace karez::catalog {

/// What a list shall show. Empty fields do not filter.
struct ListQuery {
  std::string q;       ///< fragments in any order, case-insensitive, `*` wildcard; on name, description, address
  std::string sort;    ///< column name, "-" in front for descending; default: name in natural order (P2 before P10)
  std::string cursor;  ///< from the page before
  std::size_t limit = 100;  ///< 1 .. 1,000
  std::optional<model::EquipmentId> equipment;  ///< this node and everything below
  std::optional<model::EquipmentId> parent;     ///< equipment lists: direct children (0: the roots)
  model::LinkId link;
  model::DeviceId device;
  std::optional<model::DeviceClass> device_class;
  std::string driver;
  std::vector<model::PointId> only_points;    ///< when not empty: among these
  std::vector<model::DeviceId> only_devices;  ///< when not empty: among these (a state filter made by the caller)
};

template <class T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;  ///< empty: the last page
  std::uint64_t total = 0;
};

struct EquipmentRow : model::Equipment {
  std::uint64_t children = 0, devices = 0;  ///< direct children; devices in the whole subtree
};
struct DeviceRow : model::Device {
  std::string link_name, driver, equipment_name;
  std::uint64_t points = 0;
};
struct PointRow : model::Point {
  std::string device_name;
  model::Origin origin = model::Origin::unknown;
  model::LinkId link;
};
struct NewDevice {  ///< the add-device wizard in one transaction
  std::optional<model::Link> new_link;  ///< else device.link names an existing one
  model::Device device;
  std::vector<model::Point> points;
};
struct RowError {  ///< what is wrong with element `index` of a list
  std::size_t index = 0;
  Error error;
};
struct SearchHit {
  std::string kind;  ///< "device", "point", "equipment", "link"
  std::string id, title, subtitle;
};

/// Told after a commit which links must be re-applied, so that `server` can rebuild their point maps.
using LinksChanged = std::function<void(const std::vector<model::LinkId>&)>;

/// Errors all over: registry.not_found, registry.denied (scope), registry.stale (conflict: the version
/// does not match), registry.duplicate_name, registry.invalid (pointer names the field), registry.in_use,
/// registry.limit, store errors.
/// Thread: any worker.
class PlantRegistry final : public model::PointRegistry {
 public:
  struct Limits {
    std::uint64_t points_per_tenant = 1'000'000, devices_per_tenant = 200'000, equipment_per_tenant = 200'000;
  };
  static Result<std::unique_ptr<PlantRegistry>> open(stores::SqlStore& sql, stores::EntrySink* entries, Limits limits);
  ~PlantRegistry() override;
  void on_links_changed(LinksChanged listener);

  // Tenants. Creating one also creates its enterprise node.
  Result<model::Tenant> create_tenant(const model::Tenant& tenant);
  Result<std::vector<model::Tenant>> tenants() const;
  Result<model::Tenant> tenant(model::TenantId id) const;
  Result<model::Tenant> tenant_by_slug(std::string_view slug) const;
  Result<model::Tenant> update_tenant(const model::Scope& scope, const model::Tenant& tenant);  ///< by id and version
  /// The first run: the enterprise's data and its first site, both or neither.
  /// Errors: tenant.already_set_up (conflict: it has an industry already).
  Result<model::Tenant> set_up_tenant(const model::Scope& scope, const model::Tenant& tenant,
                                      const model::Equipment& site);

  Result<Page<EquipmentRow>> equipment(const model::Scope& scope, const ListQuery& query) const;
  Result<EquipmentRow> equipment(const model::Scope& scope, model::EquipmentId id) const;
  Result<std::vector<model::Equipment>> equipment_path(const model::Scope& scope, model::EquipmentId id) const;
  Result<model::Equipment> create_equipment(const model::Scope& scope, const model::Equipment& node);
  Result<model::Equipment> update_equipment(const model::Scope& scope, const model::Equipment& node);
  Result<> remove_equipment(const model::Scope& scope, model::EquipmentId id, std::uint64_t version);

  Result<Page<model::Link>> links(const model::Scope& scope, const ListQuery& query) const;
  Result<model::Link> link(const model::Scope& scope, model::LinkId id) const;
  Result<model::Link> create_link(const model::Scope& scope, const model::Link& link);
  Result<model::Link> update_link(const model::Scope& scope, const model::Link& link);
  Result<> remove_link(const model::Scope& scope, model::LinkId id, std::uint64_t version);

  Result<Page<DeviceRow>> devices(const model::Scope& scope, const ListQuery& query) const;
  Result<DeviceRow> device(const model::Scope& scope, model::DeviceId id) const;
  /// All or nothing. Everything that is wrong goes to `errors`, when given, with pointers such as
  /// "/link/name", "/device/equipment", "/points/3/address"; the first one is returned.
  Result<DeviceRow> create_device(const model::Scope& scope, const NewDevice& device,
                                  std::vector<Error>* errors = nullptr);
  Result<DeviceRow> update_device(const model::Scope& scope, const model::Device& device);
  /// Answers the points that went with it.
  Result<std::vector<model::PointId>> remove_device(const model::Scope& scope, model::DeviceId id,
                                                    std::uint64_t version);

  Result<Page<PointRow>> points(const model::Scope& scope, const ListQuery& query) const;
  Result<PointRow> point(const model::Scope& scope, model::PointId id) const;
  /// Those of `ids` that exist and may be seen, in the order asked; others are left out.
  Result<std::vector<PointRow>> points_by_id(const model::Scope& scope, std::span<const model::PointId> ids) const;
  /// All or nothing; `errors` says what is wrong with which row. `dry_run` only checks: it succeeds
  /// with ids 0 whatever it finds. At most 100,000 rows.
  Result<std::vector<model::Point>> create_points(const model::Scope& scope, std::vector<model::Point> points,
                                                  bool dry_run, std::vector<RowError>& errors);
  Result<model::Point> update_point(const model::Scope& scope, const model::Point& point);
  Result<> remove_point(const model::Scope& scope, model::PointId id, std::uint64_t version);

  Result<std::vector<SearchHit>> search(const model::Scope& scope, std::string_view q, std::size_t limit) const;
  Result<std::vector<model::PointId>> register_series(model::TenantId tenant,
                                                      std::span<const model::SeriesName> names) override;

  // For the platform itself, over all tenants: what `server` starts at boot.
  struct LinkPlan {
    model::Link link;
    std::vector<model::Device> devices;
    std::vector<model::Point> points;
  };
  Result<std::vector<model::LinkId>> all_links() const;
  Result<LinkPlan> link_plan(model::LinkId id) const;  ///< enabled devices and points only
  struct Totals {
    std::uint64_t devices = 0, points = 0, links = 0, equipment = 0;
  };
  Result<Totals> totals(model::TenantId tenant) const;
  /// Origin of each point by id, for counting; 0-filled gaps. Cheap snapshot, refreshed on change.
  std::shared_ptr<const std::vector<model::Origin>> origins() const;

 private:
  struct Impl;
  explicit PlantRegistry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::catalog
