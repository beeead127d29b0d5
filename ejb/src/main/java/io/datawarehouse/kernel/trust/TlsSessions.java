package io.datawarehouse.kernel.trust;

/**
 * How long TLS sessions are good between nodes: none is to be taken up again, as a peer is judged
 * in each handshake and one that takes up a session has no certificates in it.
 */
public final class TlsSessions {

  /** Of sessions that a node began, in seconds: the least that can be set. */
  public static final int CLIENT_SECONDS = 1;

  /**
   * Of sessions that a node was asked for, in seconds. In the platform's implementation a server
   * whose sessions may last longer than the seven days that TLS 1.3 lets a ticket live (RFC 8446,
   * 4.6.1) sends none; 0 means no limit and would have it send them. The size of its cache matters
   * for earlier versions of TLS alone.
   */
  public static final int SERVER_SECONDS = 8 * 24 * 60 * 60;

  private TlsSessions() {}
}
