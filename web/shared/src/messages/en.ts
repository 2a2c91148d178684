import zh from './zh-CN'
const en: typeof zh = zh
export default en
