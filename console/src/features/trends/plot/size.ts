// SPDX-License-Identifier: Apache-2.0
/** Room left of the plotting area for the digits of the first axis and the names of strips, in CSS pixels. */
export const GUTTER = 60;
