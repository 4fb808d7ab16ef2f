import type { Translation } from '../words.svelte';
import type en from '../en/screen';

export default {
  title: '大屏幕 · {title}',

  lobby: '开演之前',
  scan: '扫一扫，你就有一票',
  or_code: '或打开 {address}，输入',
  lobby_wait: '故事走到岔路口时，由你们的手机决定。',
  nobody_yet: '还没有人来。来做第一个吧。',
  more: { other: '还有 {n} 人' },
  full_screen: '按 F 全屏',

  late: '现在加入还来得及',
  being_read: '讲述者的文字正由主持方先过目。',
  first_words: '正在写下一段…',
  paused: '暂停',
  voted: { other: '{eligible} 人中已有 {n} 人投票' },
  on_phone: '请用手机投票',

  chosen: '大家选好了',

  the_end: '剧终',
  ended_early: '主持人结束了放映',
  seen: { other: '{all} 幕之中，大家看了 {n} 幕' },
  rate: '觉得怎么样？请在手机上打分。',
  next: '接着看',
  next_vote: '接下来看什么？',
  next_show: '下一场',

  over_bad_token: '这块屏幕读不了这个房间',
  over_bad_token_do: '地址属于别的房间，或者节点换过密钥。请重新打开：',
  over_no_such_room: '没有这个房间',
  over_no_such_room_do: '请核对房间号。放映结束一段时间后，房间会被删除。',
  over_other: '房间没有让这块屏幕进去',
  over_other_do: '请重新打开：',
  entering: '灯光渐暗…',
} satisfies Translation<typeof en>;
