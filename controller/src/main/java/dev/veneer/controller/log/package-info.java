/** The log, in lines of JSON on standard error. */
@NullMarked
package dev.veneer.controller.log;

import org.jspecify.annotations.NullMarked;
