// The words of the pictures: a weekend in Hội An and what else goes on. Earlier lines come by import, with their time.
import type { Photograph, shapes } from './art.ts';

export const me = 'Mai';
export const others = ['Duy', 'Linh', 'Tom', 'Aisha', 'Khang', 'Ngoại'] as const;
export type Other = (typeof others)[number];

/** Not everybody has chosen one. */
export const faces: { name: string; ground: string; shape: keyof typeof shapes }[] = [
  { name: 'Mai', ground: '#e58f8f', shape: 'flower' },
  { name: 'Tom', ground: '#7fc4d9', shape: 'wave' },
  { name: 'Linh', ground: '#cbb4e3', shape: 'cat' },
  { name: 'Ngoại', ground: '#9ccaa0', shape: 'hills' },
];
/** How many minutes ago, who, what, and which line of the same talk it answers. */
type Earlier = [minutesAgo: number, from: string, text: string, answers?: number];

export const trip: { name: string; earlier: Earlier[] } = {
  name: 'Hội An weekend',
  earlier: [
    [5_800, 'Mai', 'Ai muốn đi Hội An cuối tuần này? Three days, lanterns, too much food.'],
    [5_790, 'Tom', 'In! I know Hội An from photos only.'],
    [5_782, 'Linh', 'Đi chứ! Hội An mùa này vừa mát vừa vắng 🏮'],
    [5_770, 'Aisha', 'Hội An in the rain? I bring boots, and I am coming.'],
    [1_490, 'Duy', 'Train tickets are booked: SE19, Friday 19:30, five beds in two cabins 🚂'],
    [1_486, 'Aisha', 'You are a hero. How much do I owe you?'],
    [1_485, 'Duy', '640k each. No hurry.'],
    [1_478, 'Tom', 'I will bring cards and the small speaker'],
    [1_470, 'Mai', 'Mình lo phần khách sạn nhé, có chỗ quen gần Chùa Cầu.', 4],
    [1_466, 'Linh', 'Tuyệt vời! Nhớ hỏi họ có cho thuê xe đạp không nha'],
    [95, 'Mai', 'Hotel confirmed. Three rooms, breakfast and bicycles included.'],
    [94, 'Mai', 'Check-in from 14:00, they keep our bags before that.'],
    [71, 'Tom', 'Bicycles! Then we can ride to An Bàng beach on Saturday morning.', 10],
    [70, 'Tom', 'Sunrise is at 5:38, in case anybody else gets up early 🌅'],
    [52, 'Linh', '5:38 thì thôi, mình xin phép ngủ tiếp 😴'],
  ],
};

/** What is looked for, without accents, and which of its results is opened. */
const weekAgo = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);
export const searched = { query: `hoi an after:${weekAgo} `, opened: 'mùa này' };

const minutesOfDay = 24 * 60;
/** `true`: answers the line before it. */
const daily: [from: string, text: string, isAnswer?: boolean][] = [
  ['Khang', 'Morning! Build is green, deploying to staging.'],
  ['Aisha', 'Thanks. I look at the two slow queries first.', true],
  ['Mai', 'Review of the sign-in change is done, one question left.'],
  ['Khang', 'Answered, and a test for it.', true],
  ['Aisha', 'Slow query found: a missing index, as always.'],
  ['Mai', 'Nice. Can we have that in this release?', true],
  ['Khang', 'Yes, it is small.', true],
  ['Mai', 'Texts are translated, cả tiếng Việt nữa.'],
  ['Aisha', 'Dashboards look calm.'],
  ['Khang', 'Lunch?'],
  ['Mai', 'Ten minutes.', true],
  ['Aisha', 'Error rate is back to where it was.'],
  ['Khang', 'Writing it up for the notes.'],
  ['Mai', 'Good night, all.'],
];
/** How much is said on a Sunday, a Monday, ...; on working days from nine to five, with a lull at noon. */
const ofWeekday = [0, 9, 12, 14, 13, 10, 2];
const minuteOf = [545, 549, 566, 571, 628, 634, 637, 702, 842, 846, 850, 931, 962, 1_020];

/** Five weeks of work, in Vietnam's time, the same whenever it is asked for. */
const weeks = (): Earlier[] => {
  const sinceMidnight = ((Date.now() / 60_000 + 7 * 60) % minutesOfDay) + 1;
  const lines: Earlier[] = [];
  for (let daysAgo = 35; daysAgo > 2; daysAgo -= 1) {
    const weekday = new Date(Date.now() + 7 * 3_600_000 - daysAgo * 86_400_000).getUTCDay();
    const count = (ofWeekday[weekday] ?? 0) - ((daysAgo * 5) % 4);
    for (let n = 0; n < count; n += 1) {
      const [from = '', text = '', isAnswer = false] = daily[n % daily.length] ?? [];
      const minute = (minuteOf[n % minuteOf.length] ?? 0) + ((daysAgo * 7) % 11);
      const minutesAgo = sinceMidnight + daysAgo * minutesOfDay - minute;
      lines.push([minutesAgo, from, text, ...(isAnswer ? [lines.length - 1] : [])] as Earlier);
    }
  }
  return lines;
};

export const crew: { name: string; earlier: Earlier[] } = {
  name: 'Release crew',
  earlier: [
    ...weeks(),
    [2_960, 'Khang', 'Staging is green since this morning, no alerts.'],
    [2_951, 'Aisha', 'Then let us freeze tonight and ship on Thursday.'],
    [220, 'Khang', 'Release notes are in review, two open comments.'],
  ],
};

/** The liveliest part happens while we watch. */
type Lively = [
  from: string,
  text: string,
  reactions?: [emoji: string, by: string[]] | undefined,
  photographs?: Photograph[],
];
export const live: Lively[] = [
  ['Duy', 'Saturday evening: cao lầu at Thanh, or the fish place by the river?'],
  ['Aisha', 'Cao lầu! I have dreamt of it since last year.', ['❤️', ['Linh', 'Mai', 'Duy']]],
  [
    'Mai',
    'Cao lầu cho mình một phiếu. I can reserve a table for five at 18:30.',
    ['👍', ['Duy', 'Tom', 'Linh']],
  ],
  [
    'Tom',
    'From last year, so that you know what waits for us',
    ['😍', ['Mai', 'Aisha']],
    ['lanterns', 'river', 'bicycles'],
  ],
  ['Linh', 'Nhớ chừa bụng ăn bánh mì Phượng nữa đó mọi người 😄', ['😂', ['Tom', 'Mai']]],
];

export const direct: { with: Other; lines: [from: string, text: string][] }[] = [
  {
    with: 'Tom',
    lines: [
      ['Tom', 'Did the camera survive the rain?'],
      ['Mai', 'It did. Drying the lens over the weekend, photos on Monday.'],
    ],
  },
  {
    with: 'Ngoại',
    lines: [
      ['Mai', 'Bà ơi, cuối tuần này con đi Hội An, thứ Hai con ghé bà nha.'],
      ['Ngoại', 'Ừ, đi chơi vui nghe con. Nhớ mặc ấm, tối gió lắm.'],
    ],
  },
  {
    with: 'Linh',
    lines: [
      ['Mai', 'Cậu có máy ảnh chống nước không?'],
      ['Linh', 'Có nè, để mình mang theo'],
      ['Linh', 'Mà cậu nhớ mang dây sạc nha, dây của mình hỏng rồi 🙈'],
    ],
  },
];
export const unreadInCrew: Lively[] = [
  ['Aisha', 'Both comments are resolved 🎉', ['🎉', ['Khang']]],
  ['Khang', 'Tagging now. Dashboards stay open until five.'],
  ['Khang', '@Mai can you watch the sign-in rate?'],
];
