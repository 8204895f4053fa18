import { flatRoutes } from "@remix-run/fs-routes";

/** The files of app/routes, as Remix names them. */
export default flatRoutes();
