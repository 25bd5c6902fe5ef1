/** A style sheet, as the build minifies it. */
declare module "*.css" {
  const css: string;
  export default css;
}
