// @ts-check
export function drawAll() {}
