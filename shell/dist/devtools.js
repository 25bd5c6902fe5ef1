var n=o=>{o.spy=void 0};export{n as devtools};
