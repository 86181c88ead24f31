/** The program: options, leader election, the reconcilers wired together. */
@NullMarked
package dev.veneer.controller.app;

import org.jspecify.annotations.NullMarked;
