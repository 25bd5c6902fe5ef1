var t=(e,o)=>{e.spy=void 0};export{t as devtools};
