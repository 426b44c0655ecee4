// Pages work without this; it adds focus on errors, counts and protection against double clicks.
import { initAll } from "./govuk-frontend.min.js";

initAll();
