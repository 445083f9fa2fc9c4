// On 1 July 2025 the districts were abolished and communes merged: a day decides which tree is asked.

export const DAY_2021 = '2021-09-10';
export const DAY_2025 = '2025-07-01';

export const eraOf = (on: string): '2021' | '2025' => (on < DAY_2025 ? '2021' : '2025');
