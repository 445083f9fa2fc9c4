// One static page for every address: the server sends 200.html and the browser does the rest.
export const ssr = false;
export const prerender = false;
