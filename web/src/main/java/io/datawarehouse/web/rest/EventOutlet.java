package io.datawarehouse.web.rest;

/** Where the events for one client go. Used by one thread at a time, but for the ways to end it. */
interface EventOutlet {

  /** Sends an event. Blocks while the client does not take it; throws where it has gone. */
  void send(StreamEvent event);

  /** Returns whether nothing can be sent any more. */
  boolean isClosed();

  /** Ends in order, behind what was sent. */
  void close();

  /** Ends the connection now, also under a thread that sends. */
  void breakOff();
}
