/** What draws the dashboard of a queue. */
export const BOARD = {
  name: '@bull-board/api',
  title: 'Bull Board',
  code: 'QUEUE_UNAVAILABLE',
  purpose: 'for serve --jobs',
  flags: '--save-exact',
  platforms: 'Node 20 and newer',
} as const;

/** Its pages, a package of their own. */
export const BOARD_PAGES = {
  ...BOARD,
  name: '@bull-board/ui',
  title: 'Bull Board, which has its pages apart,',
} as const;
