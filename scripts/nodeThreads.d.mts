import type { Plugin } from 'vite';

export function nodeThreads(): Plugin;
