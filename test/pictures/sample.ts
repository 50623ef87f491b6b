// The words of the pictures: a weekend in Hội An and what else goes on. Earlier lines come by import, with their time.
export const me = 'Mai';
export const others = ['Duy', 'Linh', 'Tom', 'Aisha', 'Khang', 'Ngoại'] as const;
export type Other = (typeof others)[number];

/** How many minutes ago, who, what, and which line of the same talk it answers. */
type Earlier = [minutesAgo: number, from: string, text: string, answers?: number];

export const trip: { name: string; earlier: Earlier[] } = {
  name: 'Hội An weekend',
  earlier: [
    [1_490, 'Duy', 'Train tickets are booked: SE19, Friday 19:30, five beds in two cabins 🚂'],
    [1_486, 'Aisha', 'You are a hero. How much do I owe you?'],
    [1_485, 'Duy', '640k each. No hurry.'],
    [1_478, 'Tom', 'I will bring cards and the small speaker'],
    [1_470, 'Mai', 'Mình lo phần khách sạn nhé, có chỗ quen gần Chùa Cầu.', 0],
    [1_466, 'Linh', 'Tuyệt vời! Nhớ hỏi họ có cho thuê xe đạp không nha'],
    [95, 'Mai', 'Hotel confirmed. Three rooms, breakfast and bicycles included.'],
    [94, 'Mai', 'Check-in from 14:00, they keep our bags before that.'],
    [71, 'Tom', 'Bicycles! Then we can ride to An Bàng beach on Saturday morning.', 6],
    [70, 'Tom', 'Sunrise is at 5:38, in case anybody else gets up early 🌅'],
    [52, 'Linh', '5:38 thì thôi, mình xin phép ngủ tiếp 😴'],
  ],
};

export const crew: { name: string; earlier: Earlier[] } = {
  name: 'Release crew',
  earlier: [
    [2_960, 'Khang', 'Staging is green since this morning, no alerts.'],
    [2_951, 'Aisha', 'Then let us freeze tonight and ship on Thursday.'],
    [220, 'Khang', 'Release notes are in review, two open comments.'],
  ],
};

/** The liveliest part happens while we watch. */
export const live: [from: string, text: string, reactions?: [emoji: string, by: string[]]][] = [
  ['Duy', 'Saturday evening: cao lầu at Thanh, or the fish place by the river?'],
  ['Aisha', 'Cao lầu! I have dreamt of it since last year.', ['❤️', ['Linh', 'Mai', 'Duy']]],
  [
    'Mai',
    'Cao lầu cho mình một phiếu. I can reserve a table for five at 18:30.',
    ['👍', ['Duy', 'Tom', 'Linh']],
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
export const unreadInCrew: [from: Other, text: string][] = [
  ['Aisha', 'Both comments are resolved 🎉'],
  ['Khang', 'Tagging now. Dashboards stay open until five.'],
  ['Khang', '@Mai can you watch the sign-in rate?'],
];
