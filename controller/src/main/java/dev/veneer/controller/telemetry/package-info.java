/** What the controller tells of itself: metrics, and whether it lives and is ready. */
@NullMarked
package dev.veneer.controller.telemetry;

import org.jspecify.annotations.NullMarked;
