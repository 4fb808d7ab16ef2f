import { start } from '../../parts/start';
import Page from './Page.svelte';

void start(Page);
