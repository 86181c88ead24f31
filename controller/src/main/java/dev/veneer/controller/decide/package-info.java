/** What the controller decides, from what it was shown: no client, no clock, no threads. */
@NullMarked
package dev.veneer.controller.decide;

import org.jspecify.annotations.NullMarked;
