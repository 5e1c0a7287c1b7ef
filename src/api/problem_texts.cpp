// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

/// What people read for the slugs they meet most. A slug that is missing here shows the text of its error.
namespace karez::api {
namespace {

struct Title {
  std::string_view slug, en, zh;
};
constexpr Title kTitles[] = {
    {"auth.csrf", "The header X-Karez-CSRF is missing or wrong", "缺少或错误的 X-Karez-CSRF 请求头"},
    {"auth.denied", "Not allowed", "无权操作"},
    {"auth.duplicate", "This name is taken", "该名称已被使用"},
    {"auth.expired", "The log-in has expired", "登录已过期"},
    {"auth.last_owner", "The tenant needs at least one owner", "租户至少需要一名所有者"},
    {"auth.locked", "Locked after too many failed attempts", "失败次数过多，已暂时锁定"},
    {"auth.not_found", "No such user or token", "没有该用户或令牌"},
    {"auth.origin", "The request comes from another site", "请求来自其他站点"},
    {"auth.password_change_required", "Change the one-time password first", "请先修改一次性密码"},
    {"auth.required", "Not logged in", "未登录"},
    {"auth.role", "The role is too low for this", "角色权限不足"},
    {"auth.session_only", "Not for API tokens", "API 令牌不能执行此操作"},
    {"auth.stale", "Somebody changed it in between", "已被他人修改"},
    {"auth.too_many", "Too many attempts from this address", "该地址尝试过于频繁"},
    {"auth.weak_password", "The password is too weak", "密码强度不足"},
    {"auth.wrong_password", "Wrong user or password", "用户名或密码错误"},
    {"connect.unsupported", "The driver cannot do that", "该驱动不支持此操作"},
    {"connect.timeout", "No answer in time", "超时未应答"},
    {"csv.header", "The first line must name the columns", "首行必须是列名"},
    {"device.silent", "No values are coming in", "没有收到数据"},
    {"enterprise.industry", "Not a code of GB/T 4754", "不是有效的 GB/T 4754 行业代码"},
    {"enterprise.region", "Not a code of GB/T 2260", "不是有效的 GB/T 2260 行政区划代码"},
    {"enterprise.uscc_character", "A character that no credit code has", "统一社会信用代码含有非法字符"},
    {"enterprise.uscc_check_digit", "The check digit is wrong", "统一社会信用代码校验位错误"},
    {"enterprise.uscc_length", "A unified social credit code has 18 characters", "统一社会信用代码应为 18 位"},
    {"json.malformed", "Not well-formed JSON", "JSON 格式错误"},
    {"json.too_deep", "JSON is nested too deeply", "JSON 嵌套过深"},
    {"json.too_large", "The body is too large", "请求体过大"},
    {"line.bad", "Some lines were refused, the others are stored", "部分行被拒绝，其余行已保存"},
    {"line.type_conflict", "The field has another type already", "该字段已存在且类型不同"},
    {"net.refused", "Connection refused", "连接被拒绝"},
    {"net.timeout", "No answer in time", "连接超时"},
    {"net.unreachable", "The address cannot be reached", "地址不可达"},
    {"net.unresolved", "The host name is not known", "无法解析主机名"},
    {"registry.denied", "Not allowed", "无权操作"},
    {"registry.duplicate_name", "This name is taken", "该名称已被使用"},
    {"registry.in_use", "It is still in use", "仍在使用中"},
    {"registry.invalid", "A field is wrong", "字段有误"},
    {"registry.limit", "A limit of the tenant is reached", "已达到租户上限"},
    {"registry.not_found", "No such resource", "资源不存在"},
    {"registry.stale", "Somebody changed it in between", "已被他人修改"},
    {"request.busy", "Too much at once, try again in a moment", "系统繁忙，请稍后重试"},
    {"request.choice", "Not one of the allowed values", "不是允许的取值"},
    {"request.cursor", "Not a cursor of this list", "游标无效"},
    {"request.format", "It has not the form that is expected", "格式不符合要求"},
    {"request.id", "Not an id", "标识无效"},
    {"request.invalid", "The request is wrong", "请求有误"},
    {"request.length", "Too short or too long", "长度不符合要求"},
    {"request.length_required", "Send the body with Content-Length", "请求体必须带 Content-Length"},
    {"request.media_type", "Content type not accepted", "不支持的内容类型"},
    {"request.method", "This address does not take that method", "此地址不支持该方法"},
    {"request.no_route", "No such address", "地址不存在"},
    {"request.one_of", "Give exactly one of these", "必须且只能给出其中之一"},
    {"request.precondition", "The header If-Match is missing", "缺少 If-Match 请求头"},
    {"request.range", "Out of range", "超出允许范围"},
    {"request.required", "It is missing", "缺少必填项"},
    {"request.time", "Not a time of RFC 3339", "时间格式不是 RFC 3339"},
    {"request.time_range", "The range must end after it starts", "结束时间必须晚于开始时间"},
    {"request.too_large", "The body is too large", "请求体过大"},
    {"request.too_many", "Too many items", "数量过多"},
    {"request.type", "It has the wrong type", "类型错误"},
    {"request.unknown_member", "This member is not known here", "未知的成员"},
    {"request.upgrade", "This address speaks WebSocket only", "此地址仅支持 WebSocket"},
    {"store.busy", "The store cannot take more now", "存储暂时繁忙"},
    {"store.poisoned", "The store has stopped because a write to disk failed", "写盘失败，存储已停止"},
    {"store.timeout", "Not durable in time", "未能及时落盘"},
    {"stream.lane_full", "The queue is full, try again in a moment", "队列已满，请稍后重试"},
    {"tenant.already_set_up", "The enterprise is set up already", "企业信息已设置"},
    {"unit.unknown", "Not a UCUM unit", "不是有效的 UCUM 单位"},
};

}  // namespace

std::string_view title_of(std::string_view slug, Lang lang) {
  for (const Title& t : kTitles)
    if (t.slug == slug) return lang == Lang::zh ? t.zh : t.en;
  return {};
}

}  // namespace karez::api
