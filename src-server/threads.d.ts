/** A module that runs in a thread: the URL of the file to give to a `Worker`. See `scripts/nodeThreads.mjs`. */
declare module '*?thread' {
  const url: URL;
  // eslint-disable-next-line no-restricted-syntax -- what an import of a URL gives
  export default url;
}
