package io.datawarehouse.kernel.peer;

/** What another node sent is not of the form that was agreed on; the link is cut. */
public final class MalformedFrame extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Makes it; the words go to the log. */
  public MalformedFrame(String detail) {
    super(detail);
  }
}
