// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/config.h"

namespace karez::connect::mqtt {

const char* const kLinkSchema = R"json({
  "type": "object",
  "additionalProperties": false,
  "required": ["host"],
  "properties": {
    "host": {"type": "string", "minLength": 1, "maxLength": 253,
      "x-label": {"zh": "服务器地址", "en": "Broker"},
      "x-help": {"zh": "MQTT 服务器的名称或 IP 地址", "en": "Name or IP address of the MQTT broker"}},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 1883,
      "x-label": {"zh": "端口", "en": "Port"},
      "x-help": {"zh": "通常 1883，使用 TLS 时 8883", "en": "Usually 1883, with TLS 8883"}},
    "mode": {"type": "string", "enum": ["json", "sparkplug"], "default": "json",
      "x-label": {"zh": "数据格式", "en": "Payload"},
      "x-enum-labels": {"json": {"zh": "JSON 或纯值主题", "en": "JSON or plain topics"}, "sparkplug": {"zh": "Sparkplug B", "en": "Sparkplug B"}},
      "x-help": {"zh": "Sparkplug B 节点自带测点目录；其他设备选 JSON", "en": "Sparkplug B nodes bring their own list of points; choose JSON for all others"}},
    "user": {"type": "string", "maxLength": 256, "default": "",
      "x-label": {"zh": "用户名", "en": "User"}},
    "password": {"type": "string", "maxLength": 1024, "default": "", "format": "password", "x-secret": true,
      "x-label": {"zh": "密码", "en": "Password"}},
    "tls": {"type": "boolean", "default": false,
      "x-label": {"zh": "使用 TLS 加密", "en": "Use TLS"}},
    "ca_pem": {"type": "string", "maxLength": 65536, "default": "", "x-advanced": true, "x-multiline": true,
      "x-label": {"zh": "信任的根证书（PEM）", "en": "Trusted roots (PEM)"},
      "x-help": {"zh": "留空则使用系统证书", "en": "Empty: those of the system"}},
    "tls_server_name": {"type": "string", "maxLength": 253, "default": "", "x-advanced": true,
      "x-label": {"zh": "证书上的名称", "en": "Name in the certificate"},
      "x-help": {"zh": "与服务器地址不同时填写", "en": "When it differs from the broker's address"}},
    "certificate_pem": {"type": "string", "maxLength": 65536, "default": "", "x-advanced": true, "x-multiline": true,
      "x-label": {"zh": "客户端证书（PEM）", "en": "Own certificate (PEM)"}},
    "key_pem": {"type": "string", "maxLength": 65536, "default": "", "x-advanced": true, "x-multiline": true, "format": "password", "x-secret": true,
      "x-label": {"zh": "客户端私钥（PEM）", "en": "Own private key (PEM)"}},
    "version": {"type": "string", "enum": ["5", "3.1.1"], "default": "5", "x-advanced": true,
      "x-label": {"zh": "协议版本", "en": "Protocol version"}},
    "client_id": {"type": "string", "maxLength": 200, "default": "", "x-advanced": true,
      "x-label": {"zh": "客户端标识", "en": "Client id"},
      "x-help": {"zh": "同一服务器上必须唯一；留空则自动生成", "en": "Must be unique on the broker; empty: made from host and link"}},
    "clean": {"type": "boolean", "default": false, "x-advanced": true,
      "x-label": {"zh": "每次新建会话", "en": "Clean session"},
      "x-help": {"zh": "否：断线期间的 QoS 1 和 2 消息由服务器保存并补发。Sparkplug 总是新建会话", "en": "No: the broker keeps QoS 1 and 2 messages while we are away. Sparkplug always starts clean"}},
    "session_expiry_s": {"type": "integer", "minimum": 0, "maximum": 4294967295, "default": 86400, "x-unit": "s", "x-advanced": true,
      "x-label": {"zh": "会话保留时间", "en": "Session expiry"},
      "x-help": {"zh": "断线后服务器保留会话多久（仅 MQTT 5）", "en": "How long the broker keeps the session after a break (MQTT 5 only)"}},
    "qos": {"type": "integer", "minimum": 0, "maximum": 2, "default": 1, "x-advanced": true,
      "x-label": {"zh": "订阅 QoS", "en": "QoS of subscriptions"},
      "x-help": {"zh": "1 或 2：数据落盘后才确认", "en": "1 and 2: acknowledged only when the data are on disk"}},
    "keep_alive_s": {"type": "integer", "minimum": 5, "maximum": 3600, "default": 30, "x-unit": "s", "x-advanced": true,
      "x-label": {"zh": "心跳间隔", "en": "Keep alive"}},
    "receive_maximum": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 1000, "x-advanced": true,
      "x-label": {"zh": "未确认消息上限", "en": "Messages in flight"},
      "x-help": {"zh": "服务器最多可发送多少条未确认消息（仅 MQTT 5）", "en": "How many unacknowledged messages the broker may send (MQTT 5 only)"}},
    "max_packet_bytes": {"type": "integer", "minimum": 1024, "maximum": 16777216, "default": 262144, "x-unit": "By", "x-advanced": true,
      "x-label": {"zh": "最大报文", "en": "Largest packet"}},
    "host_id": {"type": "string", "maxLength": 200, "pattern": "^[^/+#]*$", "default": "", "x-advanced": true,
      "x-label": {"zh": "Sparkplug 主机标识", "en": "Sparkplug host id"},
      "x-help": {"zh": "填写后作为主要主机应用发布 STATE，边缘节点据此缓存数据", "en": "When set, we announce STATE as primary host, and edge nodes store while we are away"}}
  }
})json";

const char* const kDeviceSchema = R"json({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "time_pointer": {"type": "string", "maxLength": 500, "pattern": "^(/.*)?$", "default": "",
      "x-label": {"zh": "时间字段", "en": "Time field"},
      "x-help": {"zh": "JSON 中时间的指针，如 /ts；留空则用到达时间", "en": "JSON pointer to the time, for instance /ts; empty: the time of arrival"}},
    "time_unit": {"type": "string", "enum": ["auto", "s", "ms", "us", "ns"], "default": "auto", "x-advanced": true,
      "x-label": {"zh": "时间单位", "en": "Unit of the time"},
      "x-help": {"zh": "数值时间自 1970 年起的单位；auto 按大小判断", "en": "Of numbers counted from 1970; auto tells by size. RFC 3339 texts need none"}},
    "command_topic": {"type": "string", "maxLength": 1000, "pattern": "^[^+#]*$", "default": "", "x-advanced": true,
      "x-label": {"zh": "命令主题", "en": "Command topic"},
      "x-help": {"zh": "写入时发布 {\"id\",\"topic\",\"pointer\",\"value\",\"time\"}；留空则不可写", "en": "Writing publishes {\"id\",\"topic\",\"pointer\",\"value\",\"time\"} there; empty: not writable"}},
    "answer_topic": {"type": "string", "maxLength": 1000, "pattern": "^[^+#]*$", "default": "", "x-advanced": true,
      "x-label": {"zh": "应答主题", "en": "Answer topic"},
      "x-help": {"zh": "设备以 {\"id\",\"ok\",\"error\"} 应答；留空则以服务器收到为准", "en": "The device answers {\"id\",\"ok\",\"error\"}; empty: done means that the broker has it"}}
  }
})json";

const char* const kAddressSchema = R"json({
  "type": "string", "minLength": 1, "maxLength": 2048,
  "x-label": {"zh": "主题与字段", "en": "Topic and field"},
  "x-help": {"zh": "JSON：主题#/字段，可加 @/时间字段；纯值：主题。Sparkplug：组/节点[/设备]:测点（测点名可含 /；%3A 代表 :，%23 代表 #，%25 代表 %）",
             "en": "JSON: topic#/pointer, then @/pointer of the time if wanted; plain value: topic. Sparkplug: group/node[/device]:metric (the metric may hold '/'; %3A stands for ':', %23 for '#', %25 for '%')"},
  "examples": ["plant/press1#/temperature", "plant/press1#/values/0/v@/ts", "plant/press1/running", "Plant/Edge1/Press:Hydraulics/Pressure", "Plant/Edge1:Node Control/Rebirth"]
})json";

}  // namespace karez::connect::mqtt
