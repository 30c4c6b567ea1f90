/** Files that Vite serves: importing one gives its URL. */
declare module "*?url" {
  const url: string;
  export default url;
}
