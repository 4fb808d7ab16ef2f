export default {
  // joining
  join: 'Join',
  your_name: 'Your name',
  name_hint: 'Optional. Others see it beside what you write.',
  name_placeholder: 'Leave empty for a made-up one',
  entering: 'Coming in…',
  invited: 'You are invited to',
  running_now: 'The show is running',
  waiting_now: 'Not started yet',
  ended_now: 'The show has ended',

  // lobby and ending
  lobby: 'Before the show',
  lobby_wait: 'The show begins when the host starts it.',
  lobby_how:
    'When the story comes to a fork, everybody votes. One tap is a vote, and the choice with the most of them is what happens.',
  shape: '{scenes}, {endings}',
  scenes: { one: '{n} scene', other: '{n} scenes' },
  endings: { one: '{n} ending', other: '{n} endings' },
  invite: 'Invite others',
  link_copied: 'The link is copied.',
  the_end: 'The end',
  ended_early: 'The host ended the show here.',
  next_chosen: 'Next in this room: {title}. It begins when the host starts it.',
  again: 'Stay if you like: the host may start another show in this room.',

  // show
  paused: 'Paused by the host',
  being_read: 'The narrator’s words are being read first.',
  first_words: 'The next words are being written…',
  retracted: 'The scene’s words were taken back. Others take their place.',
  side: 'Chat, people, what to watch next',
  show_side: 'Show chat, people and picks',
  unread: { one: '{n} unread line', other: '{n} unread lines' },
  help: 'Keys and settings',

  // keys and settings
  keys: 'Keys',
  key_vote: 'vote for a choice',
  key_chat: 'go to the chat',
  key_side: 'show or hide what to watch next',
  key_help: 'this page of keys',
  key_escape: 'close what is open',
  settings: 'Settings',
  set_keys: 'Single-key shortcuts',
  set_calm: 'Show the story by whole paragraphs',
  set_name: 'Your name here: {name}',

  // titles of the tab
  tab_vote: 'Vote now · {title}',
  tab_soon: 'Vote soon · {title}',
  tab_paused: 'Paused · {title}',
  tab_lobby: 'Lobby · {title}',
  tab_ended: 'The end · {title}',
  tab_over: 'Kinoautomat',

  // over
  over_banned: 'You were removed from this room',
  over_banned_do: 'A moderator has decided so. Other rooms are open to you.',
  over_full: 'The room is full',
  over_full_do: 'As soon as somebody leaves there is a seat. We try again every few seconds.',
  over_locked: 'The room is closed to newcomers',
  over_locked_do: 'The host lets nobody in at the moment. We try again every few seconds.',
  over_missing: 'There is no such room',
  over_missing_do: 'Check the link or the code. Rooms are deleted some time after their last show.',
  over_replaced: 'You are watching somewhere else',
  over_replaced_do: 'This room is open in too many of your tabs or devices. You can bring it back here.',
  over_other: 'The room did not let us in',
  over_other_do: 'Reload the page. If that does not help, tell the host.',
  try_again: 'Try again',
  watch_here: 'Watch here',
  to_home: 'To the lobby of all rooms',
} as const;
