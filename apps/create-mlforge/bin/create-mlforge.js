#!/usr/bin/env node
import { create } from "../dist/main.js";

await create(process.argv.slice(2));
