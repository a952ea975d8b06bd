// The page's beginning: the shell, the views, the line to the server.
import { connect } from "./base/events.js";
import { startTooltips } from "./base/floating.js";
import { showGallery } from "./library/gallery.js";
import { showJobs } from "./jobs/jobs.js";
import { startJobs } from "./jobs/state.js";
import { route, startRouter } from "./base/router.js";
import { buildShell } from "./base/shell.js";
import { showSources } from "./library/sources.js";
import { startTheme } from "./base/theme.js";
import { startDropping } from "./library/uploads.js";
import { showWorkbench } from "./workbench/workbench.js";
import { startWorkspace, watchWorkspace } from "./library/workspace.js";

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
