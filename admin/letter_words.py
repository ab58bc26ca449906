"""Owns what a letter says, in the five languages of the notice: that the badge comes first and a face is never needed.

What never happens here: a promise the doors do not keep; a word that favours one answer.
"""

# ruff: noqa: RUF001, E501  (other languages have their own signs, and their sentences are read as wholes)

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from device.contract.console import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. `{office}`, `{until}`, `{doors}`, `{day}` and `{contact}` are filled in."""

    title: str
    lead: str
    once: str
    doors: str
    begins: str
    at_the_door: str
    steps: tuple[str, str, str]
    promise: str
    because: str
    care: str
    subject: str
    greeting: str
    attached: str
    months: tuple[str, ...]
    day_form: str
    """`{day}`, `{month}`, `{year}`."""

    def day(self, of: date) -> str:
        """A day as it is written in this language."""
        return self.day_form.format(day=of.day, month=self.months[of.month - 1], year=of.year)

    def moment(self, of: datetime) -> str:
        """A moment, in the zone it is given in."""
        return f"{self.day(of.date())}, {of:%H:%M}"


_EN: Final = Words(
    title="Your invitation",
    lead="With this code the door makes you a badge and a PIN.",
    once="Good once, until {until}.",
    doors="Your doors: {doors}",
    begins="Your first day is {day}; before it, the doors stay closed.",
    at_the_door="At the door",
    steps=(
        "Press “I have an invitation”. Show this code, or type its ten digits.",
        "The door makes your badge and draws your PIN. They come first, and they always work.",
        "Then it asks how you would like to open: with badge and PIN, or with your face too. Both answers are as good.",
    ),
    promise="A face is never needed.",
    because=(
        "Badge and PIN open all your doors, at the same hours and at no cost, for as long as you are here. Whether a door also "
        "knows your face is for you alone to say, at the door and nowhere else, and you can change your mind on any day. The "
        "office does not learn what you chose. One exception: two custodians together can open your consent record, and only "
        "after the door has told you."
    ),
    care=(
        "Keep this to yourself until you have your badge: whoever holds the code can make it. Lost, or too late? "
        "Ask for a new code ({contact}). The old one is dead then."
    ),
    subject="Your invitation to {office}",
    greeting="Hello {name},",
    attached="The attached letter has the same code as a picture, to show to the door.",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day_form="{day} {month} {year}",
)
_DE: Final = Words(
    title="Ihre Einladung",
    lead="Mit diesem Code macht Ihnen die Tür einen Ausweis und eine PIN.",
    once="Gilt einmal, bis {until}.",
    doors="Ihre Türen: {doors}",
    begins="Ihr erster Tag ist der {day}; vorher bleiben die Türen zu.",
    at_the_door="An der Tür",
    steps=(
        "Sagen Sie am Bildschirm, dass Sie eine Einladung haben. Zeigen Sie diesen Code, oder tippen Sie die zehn Ziffern.",
        "Die Tür macht Ihren Ausweis und zieht Ihre PIN. Beide kommen zuerst, und beide gelten immer.",
        "Dann fragt sie, wie Sie öffnen möchten: mit Ausweis und PIN, oder auch mit dem Gesicht. Beide Antworten sind gleich gut.",
    ),
    promise="Ein Gesicht ist nie nötig.",
    because=(
        "Ausweis und PIN öffnen alle Ihre Türen, zu denselben Zeiten und ohne Kosten, solange Sie hier sind. Ob eine Tür auch Ihr "
        "Gesicht kennt, sagen nur Sie, an der Tür und nirgends sonst, und Sie können es jeden Tag ändern. Das Büro erfährt nicht, "
        "was Sie gewählt haben. Eine Ausnahme: Zwei Treuhänder zusammen können Ihren Einwilligungsnachweis öffnen, und erst, "
        "nachdem die Tür es Ihnen gesagt hat."
    ),
    care=(
        "Behalten Sie dies für sich, bis Sie Ihren Ausweis haben: Wer den Code hat, kann ihn machen lassen. Verloren oder zu spät? "
        "Bitten Sie um einen neuen Code ({contact}). Der alte gilt dann nicht mehr."
    ),
    subject="Ihre Einladung zu {office}",
    greeting="Guten Tag {name},",
    attached="Im Brief anbei steht derselbe Code als Bild, zum Zeigen an der Tür.",
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    day_form="{day}. {month} {year}",
)
_FR: Final = Words(
    title="Votre invitation",
    lead="Avec ce code, la porte vous fait un badge et un code PIN.",
    once="Valable une fois, jusqu’au {until}.",
    doors="Vos portes : {doors}",
    begins="Votre premier jour est le {day} ; avant, les portes restent fermées.",
    at_the_door="À la porte",
    steps=(
        "Dites à l’écran que vous avez une invitation. Montrez ce code, ou tapez ses dix chiffres.",
        "La porte fait votre badge et tire votre code PIN. Ils viennent d’abord, et ils marchent toujours.",
        "Puis elle demande comment vous voulez ouvrir : avec badge et PIN, ou aussi avec votre visage. Les deux réponses se valent.",
    ),
    promise="Un visage n’est jamais nécessaire.",
    because=(
        "Badge et PIN ouvrent toutes vos portes, aux mêmes heures et sans frais, aussi longtemps que vous êtes ici. Si une porte "
        "connaît aussi votre visage, c’est à vous de le dire, à la porte et nulle part ailleurs, et vous pouvez changer d’avis "
        "chaque jour. Le bureau n’apprend pas ce que vous avez choisi. Une exception : deux dépositaires ensemble peuvent ouvrir votre "
        "preuve de consentement, et seulement après que la porte vous l’a dit."
    ),
    care=(
        "Gardez ceci pour vous jusqu’à ce que vous ayez votre badge : qui tient le code peut le faire faire. Perdu, ou trop tard ? "
        "Demandez un nouveau code ({contact}). L’ancien ne vaut alors plus rien."
    ),
    subject="Votre invitation : {office}",
    greeting="Bonjour {name},",
    attached="La lettre jointe porte le même code en image, à montrer à la porte.",
    months=(
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    day_form="{day} {month} {year}",
)
_ES: Final = Words(
    title="Su invitación",
    lead="Con este código, la puerta le hace una tarjeta y un PIN.",
    once="Vale una vez, hasta el {until}.",
    doors="Sus puertas: {doors}",
    begins="Su primer día es el {day}; antes, las puertas siguen cerradas.",
    at_the_door="En la puerta",
    steps=(
        "Diga en la pantalla que tiene una invitación. Muestre este código o teclee sus diez cifras.",
        "La puerta hace su tarjeta y saca su PIN. Van primero y valen siempre.",
        "Después pregunta cómo quiere abrir: con tarjeta y PIN, o también con su cara. Las dos respuestas valen lo mismo.",
    ),
    promise="Nunca hace falta una cara.",
    because=(
        "Tarjeta y PIN abren todas sus puertas, a las mismas horas y sin coste, mientras esté aquí. Solo usted dice si una puerta "
        "conoce también su cara, en la puerta y en ningún otro sitio, y puede cambiar de idea cualquier día. La oficina no sabe lo "
        "que eligió. Una excepción: dos custodios juntos pueden abrir su prueba de consentimiento, y solo después de que la puerta "
        "se lo haya dicho."
    ),
    care=(
        "Guárdelo para usted hasta tener su tarjeta: quien tiene el código puede hacerla. ¿Perdido, o demasiado tarde? "
        "Pida un código nuevo ({contact}). El antiguo deja de valer."
    ),
    subject="Su invitación a {office}",
    greeting="Hola, {name}:",
    attached="La carta adjunta lleva el mismo código como imagen, para mostrarlo a la puerta.",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    day_form="{day} de {month} de {year}",
)
_ZH: Final = Words(
    title="您的邀请函",
    lead="凭此邀请码，门会为您制作门卡并生成密码。",
    once="仅可使用一次，有效期至 {until}。",
    doors="您的门：{doors}",
    begins="您的首日是 {day}；在此之前门不会打开。",
    at_the_door="到门前",
    steps=(
        "在屏幕上选择您有邀请函，出示此码，或输入十位数字。",
        "门为您制作门卡并生成密码。它们总是先有，而且始终有效。",
        "然后它会问您想怎样开门：用门卡和密码，或者也用面部。两种回答同样好。",
    ),
    promise="从不需要面部。",
    because=(
        "只要您在这里，门卡和密码就能打开您的所有门，时间相同，不收费用。门是否也认识您的面部，只由您自己在门前决定，"
        "别处都不行，而且您随时可以改变主意。办公室不会知道您的选择。唯一的例外：两位保管人可以共同打开您的同意记录，"
        "而且必须在门告知您之后。"
    ),
    care="在拿到门卡之前，请自己保管好：持有此码的人就能制作门卡。丢失或过期？请索取新的邀请码（{contact}），旧码随即作废。",
    subject="{office} 的邀请函",
    greeting="{name}，您好：",
    attached="附件中的信里有同一个码的图形，可向门出示。",
    months=tuple(str(month) for month in range(1, 13)),
    day_form="{year}年{month}月{day}日",
)
WORDS: Final[dict[Language, Words]] = {Language.EN: _EN, Language.DE: _DE, Language.FR: _FR, Language.ES: _ES, Language.ZH: _ZH}
