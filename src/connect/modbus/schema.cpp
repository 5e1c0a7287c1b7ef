// SPDX-License-Identifier: Apache-2.0
// The forms of the driver: the API checks configurations with them, the console draws them.
#include "connect/modbus/settings.h"

namespace karez::connect::modbus {

const char* const kLinkSchema = R"json({
  "type": "object",
  "additionalProperties": false,
  "required": ["host"],
  "properties": {
    "host": {
      "type": "string", "minLength": 1, "maxLength": 253, "examples": ["10.20.3.11"], "x-order": 1,
      "x-label": {"en": "Host", "zh": "主机"},
      "x-help": {"en": "IP address or name of the device or gateway.", "zh": "设备或网关的 IP 地址或主机名。"}},
    "port": {
      "type": "integer", "minimum": 1, "maximum": 65535, "default": 502, "x-order": 2,
      "x-label": {"en": "Port", "zh": "端口"}},
    "framing": {
      "type": "string", "enum": ["tcp", "rtu"], "default": "tcp", "x-order": 3,
      "x-label": {"en": "Framing", "zh": "帧格式"},
      "x-enum-labels": {"tcp": {"en": "Modbus TCP", "zh": "Modbus TCP"},
                        "rtu": {"en": "RTU over TCP", "zh": "RTU over TCP"}},
      "x-help": {"en": "RTU over TCP: a serial gateway that passes RTU frames on unchanged.",
                 "zh": "RTU over TCP：串口网关原样透传 RTU 帧。"}},
    "timeout_ms": {
      "type": "integer", "minimum": 10, "maximum": 60000, "default": 1000, "x-unit": "ms", "x-order": 4,
      "x-label": {"en": "Answer within", "zh": "应答超时"},
      "x-help": {"en": "After three missed answers in a row a unit is left alone and probed now and then.",
                 "zh": "连续三次无应答后暂停轮询该从站，并定期探测。"}},
    "connect_timeout_ms": {
      "type": "integer", "minimum": 100, "maximum": 60000, "default": 3000, "x-unit": "ms", "x-advanced": true,
      "x-label": {"en": "Connect within", "zh": "连接超时"}},
    "retries": {
      "type": "integer", "minimum": 0, "maximum": 5, "default": 0, "x-advanced": true,
      "x-label": {"en": "Repeats of a read", "zh": "读取重试次数"},
      "x-help": {"en": "Writes are never repeated.", "zh": "写入从不自动重试。"}},
    "reconnect_max_s": {
      "type": "integer", "minimum": 1, "maximum": 3600, "default": 10, "x-unit": "s", "x-advanced": true,
      "x-label": {"en": "Longest wait before reconnecting", "zh": "最长重连间隔"}},
    "pause_after_connect_ms": {
      "type": "integer", "minimum": 0, "maximum": 10000, "default": 0, "x-unit": "ms", "x-advanced": true,
      "x-label": {"en": "Pause after connecting", "zh": "连接后等待"},
      "x-help": {"en": "Some devices refuse the first request when it comes at once.",
                 "zh": "部分设备在刚建立连接时会拒绝请求。"}},
    "pause_between_ms": {
      "type": "integer", "minimum": 0, "maximum": 10000, "default": 0, "x-unit": "ms", "x-advanced": true,
      "x-label": {"en": "Pause between requests", "zh": "请求间隔"}}
  }
})json";

const char* const kDeviceSchema = R"json({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "unit": {
      "type": "integer", "minimum": 0, "maximum": 255, "default": 1, "x-order": 1,
      "x-label": {"en": "Unit", "zh": "从站号"},
      "x-help": {"en": "Slave address. Devices with their own Ethernet port often take any, or 255.",
                 "zh": "从站地址。自带网口的设备通常接受任意值或 255。"}},
    "order": {
      "type": "string", "enum": ["abcd", "badc", "cdab", "dcba"], "default": "abcd", "x-order": 2,
      "x-label": {"en": "Byte order", "zh": "字节顺序"},
      "x-enum-labels": {
        "abcd": {"en": "abcd: big-endian", "zh": "abcd：大端"},
        "badc": {"en": "badc: bytes swapped", "zh": "badc：字节交换"},
        "cdab": {"en": "cdab: registers swapped", "zh": "cdab：字交换"},
        "dcba": {"en": "dcba: little-endian", "zh": "dcba：小端"}},
      "x-help": {"en": "For addresses that name no order of their own. If 32-bit values look absurd, try cdab.",
                 "zh": "用于未单独注明顺序的地址。若 32 位数值明显异常，可尝试 cdab。"}},
    "timeout_ms": {
      "type": "integer", "minimum": 0, "maximum": 60000, "default": 0, "x-unit": "ms", "x-advanced": true,
      "x-label": {"en": "Answer within (0: as the source)", "zh": "应答超时（0：与数据源相同）"}},
    "max_registers": {
      "type": "integer", "minimum": 1, "maximum": 125, "default": 125, "x-advanced": true,
      "x-label": {"en": "Registers per request", "zh": "单次最多寄存器数"}},
    "max_bits": {
      "type": "integer", "minimum": 1, "maximum": 2000, "default": 2000, "x-advanced": true,
      "x-label": {"en": "Bits per request", "zh": "单次最多位数"}},
    "hole_registers": {
      "type": "integer", "minimum": 0, "maximum": 125, "default": 16, "x-advanced": true,
      "x-label": {"en": "Unused registers read along", "zh": "允许附带读取的空闲寄存器"},
      "x-help": {"en": "Fewer requests when points lie close together. 0 for devices that refuse gaps; such gaps are also learned.",
                 "zh": "点位相近时可减少请求次数。设备不允许读取空洞时设为 0；程序也会自动识别。"}},
    "hole_bits": {
      "type": "integer", "minimum": 0, "maximum": 2000, "default": 256, "x-advanced": true,
      "x-label": {"en": "Unused bits read along", "zh": "允许附带读取的空闲位"}},
    "single_writes": {
      "type": "boolean", "default": true, "x-advanced": true,
      "x-label": {"en": "Function 06 for one register", "zh": "单寄存器使用功能码 06"},
      "x-help": {"en": "Off: function 16 for all writes of registers.", "zh": "关闭后所有寄存器写入均使用功能码 16。"}}
  }
})json";

const char* const kAddressSchema = R"json({
  "type": "string", "maxLength": 64,
  "pattern": "^(co|di|ir|hr):(0x[0-9A-Fa-f]+|#?[0-9]+)(\\.[0-9]{1,2})?(:[a-z0-9]+(\\[[0-9]+\\])?(:[a-h]+)?)?$",
  "examples": ["hr:40001", "hr:40001:f32", "hr:40003:f32:cdab", "hr:40010.3", "ir:30001:i16", "co:00001", "di:#0",
               "hr:0x10:u32", "hr:40100:string[16]", "hr:400513:u64", "hr:40020:bcd"],
  "x-label": {"en": "Register", "zh": "寄存器地址"},
  "x-help": {
    "en": "area:number[.bit][:type[:order]]. Areas: co coils, di discrete inputs, ir input registers, hr holding registers. Number: reference (hr:40001 is the first holding register) or zero-based (hr:0, hr:#0, hr:0x0). Types: u16 (without one), i16, u32, i32, u64, i64, f32, f64, bcd, bcd32, string[bytes]; .0 to .15 is one bit. Order: abcd, badc, cdab, dcba, for 16 bit ab or ba; without one the device's.",
    "zh": "区:编号[.位][:类型[:顺序]]。区：co 线圈、di 离散输入、ir 输入寄存器、hr 保持寄存器。编号：参考号（hr:40001 为第一个保持寄存器）或从零起（hr:0、hr:#0、hr:0x0）。类型：u16（默认）、i16、u32、i32、u64、i64、f32、f64、bcd、bcd32、string[字节数]；.0 至 .15 表示一个位。顺序：abcd、badc、cdab、dcba，16 位用 ab 或 ba；不写则用设备的设置。"}
})json";

}  // namespace karez::connect::modbus
