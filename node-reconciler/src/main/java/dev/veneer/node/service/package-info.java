/** The agent as a service: what it tells the service manager, and the signals by which it is told to stop or reread. */
@NullMarked
package dev.veneer.node.service;

import org.jspecify.annotations.NullMarked;
