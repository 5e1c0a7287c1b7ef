// SPDX-License-Identifier: Apache-2.0
// First levels of the national classifications, for choosing; finer codes are typed.

/** GB/T 4754-2017 sections with their divisions: `C` manufacturing holds 13 to 43. */
export const industries: [code: string, zh: string, en: string][] = [
  ['A', '农、林、牧、渔业', 'Agriculture, forestry, animal husbandry, fishery'], ['B', '采矿业', 'Mining'],
  ['B06', '煤炭开采和洗选业', 'Coal mining and washing'], ['B07', '石油和天然气开采业', 'Oil and gas extraction'], ['B08', '黑色金属矿采选业', 'Ferrous metal mining'],
  ['B09', '有色金属矿采选业', 'Non-ferrous metal mining'], ['B10', '非金属矿采选业', 'Non-metal mining'], ['B11', '开采专业及辅助性活动', 'Mining support'], ['B12', '其他采矿业', 'Other mining'],
  ['C', '制造业', 'Manufacturing'], ['C13', '农副食品加工业', 'Agricultural food processing'], ['C14', '食品制造业', 'Food'], ['C15', '酒、饮料和精制茶制造业', 'Liquor, beverages, refined tea'],
  ['C16', '烟草制品业', 'Tobacco'], ['C17', '纺织业', 'Textiles'], ['C18', '纺织服装、服饰业', 'Apparel'], ['C19', '皮革、毛皮、羽毛及其制品和制鞋业', 'Leather, fur, feather, footwear'],
  ['C20', '木材加工和木、竹、藤、棕、草制品业', 'Wood products'], ['C21', '家具制造业', 'Furniture'], ['C22', '造纸和纸制品业', 'Paper'], ['C23', '印刷和记录媒介复制业', 'Printing and media'],
  ['C24', '文教、工美、体育和娱乐用品制造业', 'Cultural, arts, sports goods'], ['C25', '石油、煤炭及其他燃料加工业', 'Petroleum, coal, fuels'], ['C26', '化学原料和化学制品制造业', 'Chemicals'],
  ['C27', '医药制造业', 'Pharmaceuticals'], ['C28', '化学纤维制造业', 'Chemical fibres'], ['C29', '橡胶和塑料制品业', 'Rubber and plastics'], ['C30', '非金属矿物制品业', 'Non-metallic minerals'],
  ['C31', '黑色金属冶炼和压延加工业', 'Ferrous metal smelting'], ['C32', '有色金属冶炼和压延加工业', 'Non-ferrous metal smelting'], ['C33', '金属制品业', 'Metal products'],
  ['C34', '通用设备制造业', 'General machinery'], ['C35', '专用设备制造业', 'Special machinery'], ['C36', '汽车制造业', 'Motor vehicles'],
  ['C37', '铁路、船舶、航空航天和其他运输设备制造业', 'Rail, ships, aerospace, other transport'], ['C38', '电气机械和器材制造业', 'Electrical machinery'],
  ['C39', '计算机、通信和其他电子设备制造业', 'Computers, communication, electronics'], ['C40', '仪器仪表制造业', 'Instruments'], ['C41', '其他制造业', 'Other manufacturing'],
  ['C42', '废弃资源综合利用业', 'Waste recycling'], ['C43', '金属制品、机械和设备修理业', 'Repair of machinery'], ['D', '电力、热力、燃气及水生产和供应业', 'Power, heat, gas, water'],
  ['D44', '电力、热力生产和供应业', 'Power and heat'], ['D45', '燃气生产和供应业', 'Gas'], ['D46', '水的生产和供应业', 'Water'], ['E', '建筑业', 'Construction'], ['F', '批发和零售业', 'Trade'],
  ['G', '交通运输、仓储和邮政业', 'Transport, storage, post'], ['H', '住宿和餐饮业', 'Hotels and catering'], ['I', '信息传输、软件和信息技术服务业', 'Information technology'], ['J', '金融业', 'Finance'],
  ['K', '房地产业', 'Real estate'], ['L', '租赁和商务服务业', 'Leasing and business services'], ['M', '科学研究和技术服务业', 'Research and technical services'],
  ['N', '水利、环境和公共设施管理业', 'Water, environment, public facilities'], ['O', '居民服务、修理和其他服务业', 'Resident services'], ['P', '教育', 'Education'], ['Q', '卫生和社会工作', 'Health and social work'],
  ['R', '文化、体育和娱乐业', 'Culture, sports, entertainment'], ['S', '公共管理、社会保障和社会组织', 'Public administration'], ['T', '国际组织', 'International organisations'],
];

/** GB/T 2260 at province level. */
export const regions: [code: string, zh: string, en: string][] = [
  ['110000', '北京市', 'Beijing'], ['120000', '天津市', 'Tianjin'], ['130000', '河北省', 'Hebei'], ['140000', '山西省', 'Shanxi'], ['150000', '内蒙古自治区', 'Inner Mongolia'],
  ['210000', '辽宁省', 'Liaoning'], ['220000', '吉林省', 'Jilin'], ['230000', '黑龙江省', 'Heilongjiang'], ['310000', '上海市', 'Shanghai'], ['320000', '江苏省', 'Jiangsu'],
  ['330000', '浙江省', 'Zhejiang'], ['340000', '安徽省', 'Anhui'], ['350000', '福建省', 'Fujian'], ['360000', '江西省', 'Jiangxi'], ['370000', '山东省', 'Shandong'],
  ['410000', '河南省', 'Henan'], ['420000', '湖北省', 'Hubei'], ['430000', '湖南省', 'Hunan'], ['440000', '广东省', 'Guangdong'], ['450000', '广西壮族自治区', 'Guangxi'],
  ['460000', '海南省', 'Hainan'], ['500000', '重庆市', 'Chongqing'], ['510000', '四川省', 'Sichuan'], ['520000', '贵州省', 'Guizhou'], ['530000', '云南省', 'Yunnan'],
  ['540000', '西藏自治区', 'Tibet'], ['610000', '陕西省', 'Shaanxi'], ['620000', '甘肃省', 'Gansu'], ['630000', '青海省', 'Qinghai'], ['640000', '宁夏回族自治区', 'Ningxia'],
  ['650000', '新疆维吾尔自治区', 'Xinjiang'], ['710000', '台湾省', 'Taiwan'], ['810000', '香港特别行政区', 'Hong Kong'], ['820000', '澳门特别行政区', 'Macao'],
];
