// What the pages use of Vega: all but maps, trees, forces and word clouds. scripts/bundle-vega makes vega.js of it.
import {extend} from 'vega-util';
import {transforms} from 'vega-dataflow';
import * as data_transforms from 'vega-transforms';
import * as view_transforms from 'vega-view-transforms';
import * as encode from 'vega-encode';

extend(transforms, data_transforms, view_transforms, encode);

export {View} from 'vega-view';
export {parse} from 'vega-parser';
