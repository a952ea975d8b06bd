// The page's beginning: the shell, the views, the line to the server.
import { connect } from "./events.js";
import { startTooltips } from "./floating.js";
import { showGallery } from "./gallery.js";
import { showJobs } from "./jobs.js";
import { startJobs } from "./jobs_state.js";
import { route, startRouter } from "./router.js";
import { buildShell } from "./shell.js";
import { showSources } from "./sources.js";
import { startTheme } from "./theme.js";
import { startDropping } from "./uploads.js";
import { showWorkbench } from "./workbench.js";
import { startWorkspace, watchWorkspace } from "./workspace.js";

startTheme();
const shell = buildShell(document.getElementById("shell"));
startTooltips();
startJobs();
startWorkspace();
watchWorkspace((workspace) => workspace && shell.setFolder(workspace.folder));
startDropping();
route("gallery", "Gallery", showGallery);
route("preset", "Preset", (view, name) => showWorkbench(view, name, false));
route("shipped", "Preset", (view, name) => showWorkbench(view, name, true));
route("sources", "Sources", showSources);
route("jobs", "Jobs", showJobs);
startRouter(shell.view);
connect();
